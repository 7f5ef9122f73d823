package main

import (
	"runtime/debug"
)

type versionCmd struct {
	JSON bool `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// Run prints what was built, from what.
func (c *versionCmd) Run(a *app) error {
	v := struct {
		Version  string `json:"version"`
		Revision string `json:"revision,omitempty"`
		Modified bool   `json:"modified,omitempty"`
		Go       string `json:"go"`
	}{Version: "(devel)"}
	if info, ok := debug.ReadBuildInfo(); ok {
		v.Version, v.Go = info.Main.Version, info.GoVersion
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				v.Revision = s.Value
			case "vcs.modified":
				v.Modified = s.Value == "true"
			}
		}
	}
	if c.JSON {
		return a.printJSON(v)
	}
	a.say("chophien %s, %s %s", "chophien %s, %s %s", v.Version, v.Go, v.Revision)
	return nil
}
