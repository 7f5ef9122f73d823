package main

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh hoặc fish. / bash, zsh or fish."`
}

// Run prints a script for the shell: chophien completion bash > /etc/bash_completion.d/chophien
func (c *completionCmd) Run(a *app) error {
	words := commandWords(a.kong.Model.Node, "")
	switch c.Shell {
	case "fish":
		for _, w := range words {
			for _, next := range w.next {
				condition := "__fish_use_subcommand"
				if w.path != "" {
					condition = "__fish_seen_subcommand_from " + w.path[strings.LastIndex(w.path, " ")+1:]
				}
				fmt.Fprintf(a.stdout, "complete -c chophien -n %q -a %q\n", condition, next)
			}
		}
		return nil
	case "zsh":
		fmt.Fprint(a.stdout, "#compdef chophien\nautoload -U +X bashcompinit && bashcompinit\n")
	}
	fmt.Fprint(a.stdout, "_chophien() {\n  local line=\"${COMP_WORDS[*]:1:COMP_CWORD-1}\" cur=\"${COMP_WORDS[COMP_CWORD]}\"\n  case \"$line\" in\n")
	for _, w := range words {
		fmt.Fprintf(a.stdout, "    %q) COMPREPLY=($(compgen -W %q -- \"$cur\"));;\n", w.path, strings.Join(w.next, " "))
	}
	fmt.Fprint(a.stdout, "    *) COMPREPLY=($(compgen -f -- \"$cur\"));;\n  esac\n}\ncomplete -F _chophien chophien\n")
	return nil
}

// completionWord is what may follow a command path.
type completionWord struct {
	path string
	next []string
}

func commandWords(node *kong.Node, path string) []completionWord {
	w := completionWord{path: path}
	var below []completionWord
	for _, child := range node.Children {
		if child.Type != kong.CommandNode || child.Hidden {
			continue
		}
		w.next = append(w.next, child.Name)
		below = append(below, commandWords(child, strings.TrimSpace(path+" "+child.Name))...)
	}
	for _, flag := range node.Flags {
		if !flag.Hidden {
			w.next = append(w.next, "--"+flag.Name)
		}
	}
	return append([]completionWord{w}, below...)
}
