package catalog

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"
)

// templateFields are the values a template may show. Each is a text in the
// language of the channel, empty when the product does not have it.
type templateFields struct {
	Name, Brand, Group, NetContent, Origin, OCOP string
	// Description and Summary are for the template of the description only.
	Description, Summary string
}

var (
	titleFields       = []string{"Name", "Brand", "Group", "NetContent", "Origin", "OCOP"}
	descriptionFields = append(slices.Clone(titleFields), "Description", "Summary")
	templateFuncs     = []string{"and", "or", "not", "eq", "ne"}
)

// textTemplate is a checked template; its zero value renders nothing.
type textTemplate struct {
	literal string // the whole text when there is nothing to fill in
	tmpl    *template.Template
}

// compileTemplate accepts a small part of text/template: fields of the list,
// if, else, with and comparisons. There are no loops, so that rendering always
// ends, and no formatting, so that its size is bounded by the product's.
func compileTemplate(name, text string, fields []string) (textTemplate, error) {
	if strings.TrimSpace(text) == "" {
		return textTemplate{}, nil
	}
	tmpl, err := template.New(name).Parse(text)
	if err != nil {
		return textTemplate{}, fmt.Errorf("%s: %w", name, err)
	}
	if len(tmpl.Templates()) != 1 {
		return textTemplate{}, fmt.Errorf("%s: templates must not be defined in it", name)
	}
	plain := true
	var problems []error
	checkNode(tmpl.Root, fields, &plain, &problems)
	if len(problems) > 0 {
		return textTemplate{}, fmt.Errorf("%s: %w; fields are .%s", name, errors.Join(problems...), strings.Join(fields, " ."))
	}
	if plain {
		return textTemplate{literal: tmpl.Root.String()}, nil
	}
	// What the grammar lets pass but cannot be carried out, such as "not" of
	// two values, shows in a trial.
	for _, data := range []templateFields{{}, {"a", "b", "c", "d", "e", "f", "g", "h"}} {
		if err := tmpl.Execute(&strings.Builder{}, &data); err != nil {
			return textTemplate{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	return textTemplate{tmpl: tmpl}, nil
}

// checkNode refuses all but the allowed nodes; plain becomes false when there
// is anything but literal text.
func checkNode(node parse.Node, fields []string, plain *bool, problems *[]error) {
	check := func(nodes ...parse.Node) {
		for _, n := range nodes {
			checkNode(n, fields, plain, problems)
		}
	}
	branch := func(b *parse.BranchNode) {
		check(b.Pipe, b.List)
		if b.ElseList != nil {
			check(b.ElseList)
		}
	}
	if _, isText := node.(*parse.TextNode); !isText {
		if _, isList := node.(*parse.ListNode); !isList {
			*plain = false
		}
	}
	switch n := node.(type) {
	case *parse.TextNode, *parse.StringNode, *parse.CommentNode:
	case *parse.ListNode:
		check(n.Nodes...)
	case *parse.ActionNode:
		check(n.Pipe)
	case *parse.PipeNode:
		if len(n.Decl) > 0 {
			*problems = append(*problems, fmt.Errorf("%s declares a variable", n))
		}
		for _, c := range n.Cmds {
			check(c)
		}
	case *parse.CommandNode:
		check(n.Args...)
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		// The dot becomes a text inside, which has no fields.
		fieldsInside := []string(nil)
		check(n.Pipe)
		checkNode(n.List, fieldsInside, plain, problems)
		if n.ElseList != nil {
			check(n.ElseList)
		}
	case *parse.DotNode:
		if len(fields) > 0 {
			*problems = append(*problems, errors.New("a dot without a field"))
		}
	case *parse.FieldNode:
		if len(n.Ident) != 1 || !slices.Contains(fields, n.Ident[0]) {
			*problems = append(*problems, fmt.Errorf("%s is not a field here", n))
		}
	case *parse.IdentifierNode:
		if !slices.Contains(templateFuncs, n.Ident) {
			*problems = append(*problems, fmt.Errorf("function %s is not allowed", n.Ident))
		}
	default:
		*problems = append(*problems, fmt.Errorf("%s is not allowed", node))
	}
}

// render fills the template in. The second result is false when the template
// is empty: the caller's default applies.
func (t textTemplate) render(data *templateFields) (text string, ok bool) {
	switch {
	case t.tmpl != nil:
		var b strings.Builder
		// The check and the trial leave nothing that can fail; if something
		// does, the default is better than half a text.
		if err := t.tmpl.Execute(&b, data); err != nil {
			return "", false
		}
		return b.String(), true
	case t.literal != "":
		return t.literal, true
	}
	return "", false
}
