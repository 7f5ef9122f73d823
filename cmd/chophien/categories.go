package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/scheduler"
)

type categoriesCmd struct {
	Pull    categoriesPullCmd    `cmd:"" help:"Lấy cây danh mục của sàn về. / Read the platform's category tree."`
	Search  categoriesSearchCmd  `cmd:"" help:"Tìm danh mục của sàn, có dấu hay không dấu, không cần mạng. / Search the platform's categories, without network."`
	Show    categoriesShowCmd    `cmd:"" help:"Xem danh mục đòi thuộc tính gì. / Show what a category asks for."`
	Map     categoriesMapCmd     `cmd:"" help:"Ghép danh mục của ta với danh mục của sàn. / Map one of our categories to the platform's."`
	Suggest categoriesSuggestCmd `cmd:"" help:"Gợi ý cách ghép cho danh mục của ta. / Suggest mappings for our categories."`
}

// vocabulary opens the engine and reads what is stored of a channel's
// categories; a channel that has none, or is not known, is a usage error.
func (a *app) vocabulary(ctx context.Context, id string) (*scheduler.Engine, *scheduler.Vocabulary, error) {
	engine, err := a.openEngine(ctx)
	if err != nil {
		return nil, nil, err
	}
	if _, err := selected(engine, id); err != nil {
		return nil, nil, err
	}
	channel, err := engine.Channel(catalog.ChannelID(id))
	if err != nil {
		return nil, nil, err
	}
	if channel.Categories == nil {
		return nil, nil, withCode(exitUsage, fmt.Errorf("channel %s: %s has no categories to read", id, channel.Info.Title))
	}
	v, err := engine.Vocabulary(ctx, channel.ID())
	return engine, v, err
}

// tree is as vocabulary, and fails when the tree was never read.
func (a *app) tree(ctx context.Context, id string) (*scheduler.Engine, *scheduler.Vocabulary, error) {
	engine, v, err := a.vocabulary(ctx, id)
	if err == nil && v.Tree == nil {
		err = withCode(exitConfig, fmt.Errorf("channel %s: %w; run: chophien categories pull %s", id, scheduler.ErrNoTree, id))
	}
	return engine, v, err
}

// treeView says whose categories an answer is about, and how old they are.
type treeView struct {
	Channel    string    `json:"channel"`
	Platform   string    `json:"platform"`
	Region     string    `json:"region"`
	ReadAt     time.Time `json:"read_at"`
	AgeSeconds int64     `json:"age_seconds"`
	Categories int       `json:"categories"`
}

func treeOf(id string, v *scheduler.Vocabulary) treeView {
	return treeView{id, v.Platform, v.Region, v.Tree.ReadAt(), int64(time.Since(v.Tree.ReadAt()).Seconds()), v.Tree.Len()}
}

// sayAge tells people how old the tree is.
func (a *app) sayAge(v treeView) {
	a.say("%s/%s: %d danh mục, đọc lúc %s (%s trước)", "%s/%s: %d categories, read %s (%s ago)", v.Platform, v.Region, v.Categories, when(v.ReadAt), a.age(time.Duration(v.AgeSeconds)*time.Second))
}

// age is a duration as people say it.
func (a *app) age(d time.Duration) string {
	switch {
	case d < time.Hour:
		return fmt.Sprintf(a.t("%d phút", "%d min"), int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf(a.t("%d giờ", "%d h"), int(d.Hours()))
	}
	return fmt.Sprintf(a.t("%d ngày", "%d days"), int(d.Hours()/24))
}

type categoriesPullCmd struct {
	Channel string `arg:"" help:"Kênh. / The channel."`
	JSON    bool   `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// Run reads the tree and what the categories in use ask for.
func (c *categoriesPullCmd) Run(ctx context.Context, a *app) error {
	engine, _, err := a.vocabulary(ctx, c.Channel)
	if err != nil {
		return err
	}
	run, err := engine.PullCategories(ctx, catalog.ChannelID(c.Channel), 0)
	if err != nil {
		return err
	}
	_, v, err := a.tree(ctx, c.Channel)
	if err != nil {
		return err
	}
	view := struct {
		treeView
		Schemas int64 `json:"schemas_read"`
	}{treeOf(c.Channel, v), run.Counts["schemas"]}
	if c.JSON {
		return a.printJSON(view)
	}
	a.sayAge(view.treeView)
	a.say("Đã đọc thuộc tính của %d danh mục đang dùng.", "Read the attributes of %d categories in use.", view.Schemas)
	return nil
}

type categoriesSearchCmd struct {
	Channel string   `arg:"" help:"Kênh. / The channel."`
	Text    []string `arg:"" help:"Từ cần tìm, ví dụ: mat ong. / Words to look for."`
	Limit   int      `help:"Nhiều nhất bao nhiêu kết quả. / At most so many." default:"20"`
	JSON    bool     `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// Run searches the tree as it is stored.
func (c *categoriesSearchCmd) Run(ctx context.Context, a *app) error {
	_, v, err := a.tree(ctx, c.Channel)
	if err != nil {
		return err
	}
	found := v.Tree.Search(strings.Join(c.Text, " "), c.Limit)
	if found == nil {
		found = []catalog.FoundCategory{}
	}
	view := struct {
		treeView
		Found []catalog.FoundCategory `json:"found"`
	}{treeOf(c.Channel, v), found}
	if c.JSON {
		return a.printJSON(view)
	}
	a.sayAge(view.treeView)
	if len(found) == 0 {
		a.say("Không có danh mục nào như vậy.", "There is no such category.")
		return nil
	}
	rows := [][]string{}
	for _, f := range found {
		rows = append(rows, []string{f.ID, strings.Join(f.Path, " > "), a.leaf(f.Leaf)})
	}
	a.table([]string{a.t("Mã", "ID"), a.t("Danh mục", "Category"), ""}, rows)
	return nil
}

func (a *app) leaf(takes bool) string {
	if takes {
		return ""
	}
	return a.t("chỉ là nhóm, chọn danh mục con", "a group only, choose one below it")
}

type categoriesShowCmd struct {
	Channel string `arg:"" help:"Kênh. / The channel."`
	ID      string `arg:"" help:"Mã danh mục của sàn. / The platform's category ID."`
	Refresh bool   `help:"Hỏi lại sàn, kể cả khi đã lưu. / Ask the platform again."`
	JSON    bool   `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// categoryView is one category with what it asks for.
type categoryView struct {
	treeView
	Category     catalog.FoundCategory       `json:"category"`
	Ours         []string                    `json:"mapped_from"` // our codes that are mapped to it
	SchemaReadAt time.Time                   `json:"attributes_read_at,omitzero"`
	Attributes   []catalog.PlatformAttribute `json:"attributes"`
}

// Run shows a category's attributes: from what is stored, else from the
// platform.
func (c *categoriesShowCmd) Run(ctx context.Context, a *app) error {
	engine, v, err := a.tree(ctx, c.Channel)
	if err != nil {
		return err
	}
	node, there := v.Tree.Category(c.ID)
	if !there {
		return withCode(exitUsage, fmt.Errorf("channel %s: there is no category %q; look for one: chophien categories search %s TEXT", c.Channel, c.ID, c.Channel))
	}
	view := categoryView{treeView: treeOf(c.Channel, v), Category: catalog.FoundCategory{PlatformCategory: node, Path: v.Tree.Path(c.ID)}, Ours: []string{}, Attributes: []catalog.PlatformAttribute{}}
	for _, own := range catalog.Categories() {
		if v.Mappings[own.Code].ID == c.ID {
			view.Ours = append(view.Ours, own.Code)
		}
	}
	if node.Leaf {
		schema, err := engine.Schema(ctx, catalog.ChannelID(c.Channel), c.ID, c.Refresh)
		if err != nil {
			return err
		}
		view.SchemaReadAt = schema.ReadAt
		if schema.Attributes != nil {
			view.Attributes = schema.Attributes
		}
	}
	if c.JSON {
		return a.printJSON(view)
	}
	a.sayAge(view.treeView)
	a.say("%s  %s", "%s  %s", c.ID, strings.TrimSpace(strings.Join(view.Category.Path, " > ")+"  "+a.leaf(node.Leaf)))
	if len(view.Ours) > 0 {
		a.say("Ghép từ: %s", "Mapped from: %s", strings.Join(view.Ours, ", "))
	}
	if !node.Leaf {
		return nil
	}
	if len(view.Attributes) == 0 {
		a.say("Danh mục này không đòi thuộc tính nào.", "The category asks for no attributes.")
		return nil
	}
	rows := [][]string{}
	for _, at := range view.Attributes {
		need := ""
		if at.Required {
			need = a.t("bắt buộc", "required")
		}
		rows = append(rows, []string{at.ID, at.Name, need, a.takes(at)})
	}
	a.table([]string{a.t("Mã", "ID"), a.t("Thuộc tính", "Attribute"), "", a.t("Giá trị", "Values")}, rows)
	a.say("Thuộc tính đọc lúc %s", "Attributes read %s", when(view.SchemaReadAt))
	return nil
}

// takes says in a line what an attribute accepts.
func (a *app) takes(at catalog.PlatformAttribute) string {
	const few = 10
	text := a.t("tùy ý", "any text")
	if n := len(at.Values); n > 0 {
		text = strings.Join(at.Values[:min(n, few)], ", ")
		if n > few {
			text += fmt.Sprintf(a.t(", … (%d giá trị)", ", … (%d values)"), n)
		}
	}
	if at.Multiple {
		text += a.t(" (chọn nhiều)", " (several)")
	}
	if len(at.Units) > 0 {
		text += a.t(" · đơn vị: ", " · units: ") + strings.Join(at.Units, ", ")
	}
	return text
}

type categoriesMapCmd struct {
	Channel   string            `arg:"" help:"Kênh; cách ghép dùng chung cho mọi kênh cùng sàn. / The channel; the mapping serves all channels of its platform."`
	Ours      string            `arg:"" help:"Danh mục của ta: mã hoặc tên. / Our category: code or name."`
	ID        string            `arg:"" optional:"" help:"Mã danh mục của sàn; bỏ trống thì giữ như đang ghép. / The platform's category ID; empty keeps the one that is mapped."`
	Attribute map[string]string `help:"Thuộc tính của ta ghép với thuộc tính của sàn: Mùa vụ=100010. / Our attribute to the platform's, by ID or name." placeholder:"OURS=THEIRS"`
	Value     map[string]string `help:"Giá trị chung khi sản phẩm không có: Xuất xứ=Việt Nam. / A value where a product has none." placeholder:"THEIRS=VALUE"`
	Remove    bool              `help:"Bỏ cách ghép của danh mục này. / Take the mapping away."`
	JSON      bool              `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// Run accepts a mapping; it is used from the next plan on.
func (c *categoriesMapCmd) Run(ctx context.Context, a *app) error {
	engine, v, err := a.tree(ctx, c.Channel)
	if err != nil {
		return err
	}
	mapping, err := engine.MapCategory(ctx, catalog.ChannelID(c.Channel), c.Ours, c.ID, scheduler.MapOptions{Attributes: c.Attribute, Values: c.Value, Remove: c.Remove})
	if errors.Is(err, scheduler.ErrMapping) {
		return withCode(exitUsage, err)
	}
	if err != nil {
		return err
	}
	own, _ := catalog.FindCategory(c.Ours)
	view := struct {
		Platform string          `json:"platform"`
		Region   string          `json:"region"`
		Ours     string          `json:"ours"`
		Removed  bool            `json:"removed,omitempty"`
		Mapping  catalog.Mapping `json:"mapping"`
	}{v.Platform, v.Region, own.Code, c.Remove, mapping}
	if c.JSON {
		return a.printJSON(view)
	}
	if c.Remove {
		a.say("Đã bỏ cách ghép của %s trên %s/%s.", "The mapping of %s on %s/%s is removed.", own.Code, v.Platform, v.Region)
		return nil
	}
	a.say("%s (%s) → %s  %s, cho mọi kênh %s/%s", "%s (%s) → %s  %s, for all channels of %s/%s", own.Code, own.Name.In(a.Lang), mapping.ID, strings.Join(mapping.Path, " > "), v.Platform, v.Region)
	for _, at := range mapping.Attributes {
		source := at.Value
		if at.Ours != "" {
			source = strings.TrimSpace(fmt.Sprintf(a.t("thuộc tính %q của ta", "our attribute %q"), at.Ours) + " " + at.Value)
		}
		a.say("  %s ← %s", "  %s ← %s", at.Name, source)
	}
	if id, ruled := a.ruled(engine, c.Channel, own.Code); ruled {
		a.say("Lưu ý: connectors.yaml ghép %s với %s và được ưu tiên.", "Note: connectors.yaml maps %s to %s, which counts first.", own.Code, id)
	}
	return nil
}

// ruled is what connectors.yaml maps one of our categories to.
func (a *app) ruled(engine *scheduler.Engine, id, code string) (string, bool) {
	channel, err := engine.Channel(catalog.ChannelID(id))
	if err != nil {
		return "", false
	}
	for _, up := range catalog.CategoryPath(code) {
		if theirs, ok := channel.Config.Rules.Categories[up]; ok {
			return theirs, true
		}
	}
	return "", false
}

type categoriesSuggestCmd struct {
	Channel string `arg:"" help:"Kênh. / The channel."`
	All     bool   `help:"Cả những danh mục chưa có sản phẩm. / Also categories without products."`
	JSON    bool   `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// suggestionView is what one of our categories is, or may be, on a platform.
type suggestionView struct {
	Ours        string               `json:"ours"`
	Name        catalog.Text         `json:"name"`
	Products    int                  `json:"products"`
	Mapped      string               `json:"mapped,omitempty"`
	MappedFrom  string               `json:"mapped_from,omitempty"` // a code of ours, or connectors.yaml
	Vanished    bool                 `json:"vanished,omitempty"`    // what it is mapped to takes no products any more
	Suggestions []catalog.Suggestion `json:"suggestions"`
}

// Run suggests mappings for our categories that have products.
func (c *categoriesSuggestCmd) Run(ctx context.Context, a *app) error {
	engine, v, err := a.tree(ctx, c.Channel)
	if err != nil {
		return err
	}
	list, err := engine.SuggestCategories(ctx, catalog.ChannelID(c.Channel), c.All)
	if err != nil {
		return err
	}
	views, rows := []suggestionView{}, [][]string{}
	for _, s := range list {
		node, there := v.Tree.Category(s.Mapped)
		view := suggestionView{s.Category.Code, s.Category.Name, s.Products, s.Mapped, s.From, s.Mapped != "" && !(there && node.Leaf), s.Suggestions}
		if view.Suggestions == nil {
			view.Suggestions = []catalog.Suggestion{}
		}
		views = append(views, view)
		name := s.Category.Name.In(a.Lang)
		if s.Mapped != "" {
			note := a.t("đã ghép", "mapped")
			switch {
			case view.Vanished:
				note = a.t("KHÔNG CÒN trên sàn, cần ghép lại", "NOT on the platform any more, map it again")
			case s.From != s.Category.Code:
				note += " (" + s.From + ")"
			}
			rows = append(rows, []string{s.Category.Code, name, s.Mapped, strings.Join(v.Tree.Path(s.Mapped), " > "), note})
		}
		for _, one := range s.Suggestions {
			note := fmt.Sprintf("%d %%", one.Score)
			if len(one.From) > 0 {
				note += " · " + a.t("đã ghép ở ", "accepted on ") + strings.Join(one.From, ", ")
			}
			rows = append(rows, []string{s.Category.Code, name, one.ID, strings.Join(one.Path, " > "), note})
		}
		if s.Mapped == "" && len(s.Suggestions) == 0 {
			rows = append(rows, []string{s.Category.Code, name, "", "", a.t("không có gợi ý; hãy tìm: categories search", "no suggestion; look for one: categories search")})
		}
	}
	if c.JSON {
		return a.printJSON(struct {
			treeView
			Ours []suggestionView `json:"ours"`
		}{treeOf(c.Channel, v), views})
	}
	a.sayAge(treeOf(c.Channel, v))
	if len(rows) == 0 {
		a.say("Chưa có sản phẩm nào; xem cả cây của ta: --all", "No products yet; see our whole tree: --all")
		return nil
	}
	a.table([]string{a.t("Của ta", "Ours"), "", a.t("Mã trên sàn", "There"), a.t("Danh mục trên sàn", "Category there"), ""}, rows)
	a.say("Nhận một gợi ý: chophien categories map %s CỦA_TA MÃ_TRÊN_SÀN", "Accept one: chophien categories map %s OURS THERE", c.Channel)
	return nil
}
