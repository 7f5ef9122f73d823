package lazadatest

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// node is an element of a payload, which may come as JSON or as XML: a text, a
// list of nodes or named nodes. Nil is an element that was not sent.
type node struct {
	value  any // string, json.Number, bool, nil, []*node, or fields
	strict bool
}

type fields map[string]*node

// lists are the elements that must be arrays in JSON even for one.
var lists = map[string]bool{"Image": true, "Sku": true, "option": true, "SkuId": true, "Url": true, "MultiWarehouseInventory": true}

// payload reads a parameter that is a request, and returns what is in it.
func (in *request) payload(name string) (*node, error) {
	text := strings.TrimSpace(in.p[name])
	if text == "" {
		return nil, refuse("30", "Empty Request")
	}
	var (
		root *node
		err  error
	)
	if strings.HasPrefix(text, "<") {
		root, err = readXML(text)
	} else {
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		var value any
		if err = decoder.Decode(&value); err == nil {
			root = nodeOf(value)
		}
	}
	if err != nil {
		return nil, refuse("1001", "The payload cannot be parsed")
	}
	request := root.child("Request")
	if request == nil {
		return nil, refuse("30", "Empty Request")
	}
	return request, nil
}

func nodeOf(value any) *node {
	switch v := value.(type) {
	case map[string]any:
		f := fields{}
		for name, child := range v {
			f[name] = nodeOf(child)
		}
		return &node{f, true}
	case []any:
		list := make([]*node, len(v))
		for i, child := range v {
			list[i] = nodeOf(child)
		}
		return &node{list, true}
	}
	return &node{value, true}
}

// readXML gives every element that may repeat as a list.
func readXML(text string) (*node, error) {
	decoder := xml.NewDecoder(strings.NewReader(text))
	type open struct {
		name   string
		fields fields
		text   strings.Builder
	}
	stack := []*open{{fields: fields{}}}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			if len(stack) != 1 {
				return nil, io.ErrUnexpectedEOF
			}
			return &node{stack[0].fields, false}, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			stack = append(stack, &open{name: t.Name.Local, fields: fields{}})
		case xml.CharData:
			stack[len(stack)-1].text.Write(t)
		case xml.EndElement:
			done := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			child := &node{done.fields, false}
			if len(done.fields) == 0 {
				child.value = strings.TrimSpace(done.text.String())
			}
			above := stack[len(stack)-1].fields
			if !lists[done.name] {
				above[done.name] = child
				continue
			}
			if above[done.name] == nil {
				above[done.name] = &node{[]*node{}, false}
			}
			above[done.name].value = append(above[done.name].value.([]*node), child)
		}
	}
}

// fields returns the named nodes below, nil when it is something else.
func (n *node) fields() fields {
	if n == nil {
		return nil
	}
	f, _ := n.value.(fields)
	return f
}

func (n *node) child(name string) *node { return n.fields()[name] }

func (n *node) has(name string) bool { return n.child(name) != nil }

// list returns the entries of an element below, or an error for one that is
// there and no array.
func (n *node) list(name string) ([]*node, error) {
	child := n.child(name)
	if child == nil {
		return nil, nil
	}
	list, ok := child.value.([]*node)
	if !ok {
		return nil, refuse("1001", "%s must be an array", name)
	}
	return list, nil
}

// text returns a text or number below as text, "" when there is none.
func (n *node) text(name string) string { return n.child(name).plain() }

func (n *node) plain() string {
	if n == nil {
		return ""
	}
	switch v := n.value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return fmt.Sprint(v)
	case []*node: // XML does not tell one of something from a list of one
		if !n.strict && len(v) == 1 {
			return v[0].plain()
		}
	}
	return ""
}

func (n *node) texts(name string) []string {
	list, _ := n.list(name)
	var texts []string
	for _, entry := range list {
		texts = append(texts, entry.plain())
	}
	return texts
}

// allText refuses values below that are no texts, as the platform does within
// a SKU.
func (n *node) allText() error {
	for name, child := range n.fields() {
		switch child.value.(type) {
		case string, fields, []*node:
			if err := child.allText(); err != nil {
				return err
			}
		default:
			return refuse("1001", "%s must be a string", name)
		}
	}
	return nil
}
