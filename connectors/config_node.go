package connectors

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
	"golang.org/x/text/unicode/norm"
)

type pair struct {
	key   string
	at    *token.Position
	value ast.Node
}

func position(node ast.Node) *token.Position {
	switch n := node.(type) {
	case *ast.MappingNode: // its own token is the first colon
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return n.Values[0].Key.GetToken().Position
		}
	case *ast.AnchorNode:
		return position(n.Value)
	case *ast.TagNode:
		return position(n.Value)
	}
	return node.GetToken().Position
}

// collect notes the anchors below node. The first of a name counts and any
// other is a mistake, although YAML would let it replace the first.
func (d *decoder) collect(node ast.Node) {
	switch n := node.(type) {
	case *ast.MappingNode:
		for _, value := range n.Values {
			d.collect(value.Value)
		}
	case *ast.SequenceNode:
		for _, value := range n.Values {
			d.collect(value)
		}
	case *ast.TagNode:
		d.collect(n.Value)
	case *ast.AnchorNode:
		name := n.Name.GetToken().Value
		if _, twice := d.anchors[name]; twice {
			d.problem(n.Name.GetToken().Position, "anchor %s is defined twice", shown(name))
		} else {
			d.anchors[name] = n.Value
		}
		d.collect(n.Value)
	}
}

// resolve looks through anchors, aliases and tags; nil for a mistake, which is
// reported.
func (d *decoder) resolve(node ast.Node) ast.Node {
	for range maxMergeDepth {
		switch n := node.(type) {
		case *ast.AnchorNode:
			node = n.Value
		case *ast.TagNode:
			if !strings.HasPrefix(n.GetToken().Value, "!!") {
				d.problem(n.GetToken().Position, "tags are not used here; leave it out")
				return nil
			}
			node = n.Value
		case *ast.AliasNode:
			target, ok := d.anchors[n.Value.GetToken().Value]
			if !ok {
				d.problem(n.GetToken().Position, "this alias has no anchor; quote the text if it is none")
				return nil
			}
			node = target
		default:
			return node
		}
	}
	d.problem(position(node), "aliases that lead to each other")
	return nil
}

func isNull(node ast.Node) bool {
	if node == nil {
		return true
	}
	_, null := node.(*ast.NullNode)
	return null
}

// mapping lists the entries of a mapping, merge keys resolved, and tells
// whether node is one. Keys written twice are reported.
func (d *decoder) mapping(path string, node ast.Node, depth int) (list []pair, ok bool) {
	m, ok := node.(*ast.MappingNode)
	if !ok {
		d.problem(position(node), "%smust be a mapping of keys to values", prefix(path))
		return nil, false
	}
	seen := map[string]*token.Position{}
	var merged []pair
	for _, entry := range m.Values {
		if d.pairs++; d.pairs > maxConfigPairs {
			if d.pairs == maxConfigPairs+1 {
				d.problem(position(node), "more than %d entries after merging; use fewer aliases", maxConfigPairs)
			}
			return list, true
		}
		if entry.Key.IsMergeKey() {
			merged = append(merged, d.merge(path, entry.Value, depth)...)
			continue
		}
		key, at := norm.NFC.String(keyText(entry.Key)), entry.Key.GetToken().Position
		if first, twice := seen[key]; twice {
			d.problem(at, "%skey %s is written twice; the first is in line %d", prefix(path), shown(key), first.Line)
			continue
		}
		seen[key] = at
		list = append(list, pair{key, at, entry.Value})
	}
	for _, p := range merged {
		if _, own := seen[p.key]; !own {
			seen[p.key] = p.at
			list = append(list, p)
		}
	}
	return list, true
}

func (d *decoder) merge(path string, node ast.Node, depth int) []pair {
	if depth >= maxMergeDepth {
		d.problem(position(node), "merge keys that lead to each other")
		return nil
	}
	node = d.resolve(node)
	if isNull(node) {
		return nil
	}
	if s, ok := node.(*ast.SequenceNode); ok {
		var all []pair
		for _, value := range s.Values {
			if value = d.resolve(value); value != nil {
				list, _ := d.mapping(path, value, depth+1)
				all = append(all, list...)
			}
		}
		return all
	}
	list, _ := d.mapping(path, node, depth+1)
	return list
}

func keyText(key ast.MapKeyNode) string {
	if k, ok := key.(*ast.MappingKeyNode); ok && k.Value != nil {
		return k.Value.GetToken().Value
	}
	return key.GetToken().Value
}

// scalar gives the text of a scalar as it is written; ok is false for anything
// else.
func scalar(node ast.Node) (text string, ok bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return node.GetToken().Value, true
	}
	return "", false
}

func scalarText(node ast.Node) string {
	text, _ := scalar(node)
	return text
}
