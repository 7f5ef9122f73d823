package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chophien/chophien/connectors/simulator"
	"github.com/chophien/chophien/connectors/woocommerce/woocommercetest"
)

// desk is a person at a command line, with a folder and a shop.
type desk struct {
	*testing.T
	dir  string
	shop *woocommercetest.Simulator
}

func newDesk(t *testing.T, products int) *desk {
	t.Helper()
	shop, err := woocommercetest.Start(woocommercetest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shop.Close)
	d := &desk{t, t.TempDir(), shop}
	writeConfig(t, d.dir, "", map[string]*woocommercetest.Simulator{"web": shop})
	var goods strings.Builder
	goods.WriteString("SKU,Tên sản phẩm,Mô tả,Danh mục,Giá niêm yết,Tồn kho\n")
	for i := range products {
		lot := sha256.Sum256([]byte{byte(i), byte(i >> 8)}) // that cannot be packed well
		fmt.Fprintf(&goods, "MO-%03d,Mật ong rừng %d,Mật ong mẻ %x,honey,185.000,12\n", i, i, lot)
	}
	d.write("goods.csv", goods.String())
	d.do(0, "import", "goods.csv")
	return d
}

func (d *desk) write(name, content string) {
	d.Helper()
	if err := os.WriteFile(filepath.Join(d.dir, name), []byte(content), 0o600); err != nil {
		d.Fatal(err)
	}
}

// do runs a command, wants its exit code and returns all that it printed.
func (d *desk) do(code int, args ...string) string {
	d.Helper()
	var out bytes.Buffer
	line := append(slices.Clone(args), "--lang", "en", "--config", filepath.Join(d.dir, "connectors.yaml"), "--data", filepath.Join(d.dir, "data"))
	for i, arg := range line {
		if path := filepath.Join(d.dir, arg); strings.HasSuffix(arg, ".csv") && !filepath.IsAbs(arg) {
			line[i] = path
		}
	}
	if got := run(line, nil, &out, &out); got != code {
		d.Errorf("chophien %s: exit code %d, want %d\n%s", strings.Join(args, " "), got, code, out.String())
	}
	return out.String()
}

// Whatever a platform answers, the error says which channel, in what, why and
// what to do, and when the platform is well again nothing has been lost or done
// twice.
func TestBadAnswers(t *testing.T) {
	t.Parallel()
	var page []byte
	for name, test := range map[string]struct {
		fault simulator.Fault
		says  []string
	}{
		"truncated JSON":          {simulator.Fault{Kind: simulator.FaultTruncate}, []string{"the answer is cut off after", "It will be tried again"}},
		"HTML where JSON belongs": {simulator.Fault{Kind: simulator.FaultGarbage, Path: "/wc/"}, []string{"web page", "check"}},
		"301 to another host":     {simulator.Fault{Kind: simulator.FaultRedirect, Target: "https://other.example/"}, []string{"redirected", "https://other.example, which is not followed", "check the channel's address"}},
		"a failing server":        {simulator.Fault{Kind: simulator.FaultStatus, Status: 500}, []string{"the platform's server failed (HTTP 500)", "It will be tried again"}},
		"no answer":               {simulator.Fault{Kind: simulator.FaultRefuse}, []string{"connection closed before the answer was complete", "It will be tried again"}},
		"endless pages": {simulator.Fault{Kind: simulator.FaultEdit, Method: "GET", Path: "/products", Edit: func(answer []byte) []byte {
			if page == nil {
				page = slices.Clone(answer)
			}
			return page
		}}, []string{"page"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, 120)
			d.do(0, "publish")
			if _, err := d.shop.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: "MO-000", Quantity: 2}}}); err != nil {
				t.Fatal(err)
			}
			d.do(0, "stock", "count", "MO-001", "7")
			test.fault.Times = -1
			d.shop.Inject(test.fault)
			commands := []string{"observe"}
			if name != "endless pages" {
				commands = append(commands, "publish", "orders pull")
			}
			for _, command := range commands {
				out := d.do(1, strings.Fields(command)...)
				for _, want := range append(test.says, "hannel web") {
					if !strings.Contains(out, want) {
						t.Errorf("%s does not say %q:\n%s", command, want, out)
					}
				}
				if strings.Contains(out, d.shop.Secret()) || strings.Contains(out, d.shop.Key()) {
					t.Errorf("%s tells the keys:\n%s", command, out)
				}
			}
			d.shop.ResetFaults()
			d.do(0, "publish")
			d.do(0, "observe")
			if out := d.do(0, "plan"); !strings.Contains(out, "nothing to do") {
				t.Errorf("the second plan is not empty:\n%s", out)
			}
			if n := len(d.shop.Listings()); n != 120 {
				t.Errorf("the shop has %d listings, want 120", n)
			}
			if out := d.do(0, "stock", "list", "--json"); strings.Count(out, `"reserved": 2`) != 1 || strings.Count(out, `"on_hand": 7`) != 1 {
				t.Errorf("stock after all:\n%s", out)
			}
		})
	}
}

// Credentials that open another shop than before write nothing there.
func TestI14TheWrongShopGetsNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 2)
	d.do(0, "publish")
	other, err := woocommercetest.Start(woocommercetest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(other.Close)
	writeConfig(t, d.dir, "", map[string]*woocommercetest.Simulator{"web": other})
	for _, command := range []string{"publish", "orders pull", "observe", "channels check"} {
		if out := d.do(1, strings.Fields(command)...); !strings.Contains(out, "this channel belongs to") || !strings.Contains(out, "put back the right credentials") {
			t.Errorf("%s says\n%s", command, out)
		}
	}
	if n := len(other.Listings()); n != 0 {
		t.Errorf("%d listings in the wrong shop", n)
	}
	writeConfig(t, d.dir, "", map[string]*woocommercetest.Simulator{"web": d.shop})
	d.do(0, "channels", "check")
	d.do(0, "publish")
}
