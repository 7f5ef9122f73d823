package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPricesReadPrintsOneLinePerString(t *testing.T) {
	t.Parallel()
	in := strings.Join([]string{
		`90k/500gr`,
		"60 - 65\theader=Giá (nghìn đồng/kg)",
		`dưới 100 nghìn/kg`,
		`416.000₫\n320.000₫\u0020`,
		`Liên hệ`,
		``,
		`378,05 US cent/pound`,
		`Hết hàng`,
	}, "\n")
	want := strings.Join([]string{
		`{"kind":"price","amount_min":"90000","amount_max":"90000","currency":"VND","unit_qty":"500","unit":"g","base_unit":"kg","per_base_min":"180000","per_base_max":"180000","confidence":0.95,"evidence":"90k/500gr"}`,
		`{"kind":"range","amount_min":"60000","amount_max":"65000","currency":"VND","unit_qty":"1","unit":"kg","base_unit":"kg","per_base_min":"60000","per_base_max":"65000","confidence":0.9,"flags":["range"],"evidence":"60 - 65"}`,
		`{"kind":"price","qualifier":"upto","amount_max":"100000","currency":"VND","unit_qty":"1","unit":"kg","base_unit":"kg","per_base_max":"100000","confidence":0.95,"flags":["open_price"],"evidence":"dưới 100 nghìn/kg"}`,
		`{"kind":"price","amount_min":"320000","amount_max":"320000","list_amount":"416000","currency":"VND","confidence":0.95,"flags":["sale"],"evidence":"416.000₫\n320.000₫"}`,
		`{"kind":"none","confidence":0.9,"flags":["contact"],"evidence":"Liên hệ"}`,
		`{"kind":"none","confidence":0.5}`,
		`{"kind":"price","amount_min":"3.7805","amount_max":"3.7805","currency":"USD","unit_qty":"1","unit":"lb","base_unit":"kg","per_base_min":"8.334576","per_base_max":"8.334576","confidence":0.95,"evidence":"378,05 US cent/pound"}`,
		`{"kind":"none","availability":"OutOfStock","confidence":0.9,"flags":["sold_out"],"evidence":"Hết hàng"}`,
		``,
	}, "\n")
	var out, errs bytes.Buffer
	if code := run([]string{"prices", "read"}, strings.NewReader(in), &out, &errs); code != 0 {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

func TestPricesReadSaysWhichLineIsTooLong(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	in := "120k\n" + strings.Repeat("1", longestPriceLine+1)
	if code := run([]string{"prices", "read"}, strings.NewReader(in), &out, &errs); code == 0 {
		t.Fatal("a line without end was accepted")
	}
	if !strings.Contains(errs.String(), "line 2") {
		t.Errorf("the message does not say which line: %s", errs.String())
	}
}
