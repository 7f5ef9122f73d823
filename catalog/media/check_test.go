package media

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"os"
	"strings"
	"testing"

	"github.com/chophien/chophien/catalog"
)

func photo(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, noise(width, height), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestCheckTellsWhatFitWouldRefuse(t *testing.T) {
	t.Parallel()
	png, jpg, gif, bmp := drawn(t, "png", noise(300, 200)), photo(t, 300, 200), drawn(t, "gif", gray(300, 200)), drawn(t, "bmp", gray(300, 200))
	limits := Limits{Types: []string{"image/png", "image/jpeg"}, MinSide: 100, MaxSide: 250, MaxBytes: 1 << 20}
	for name, test := range map[string]struct {
		data []byte
		want error
	}{
		"PNG": {png, nil}, "JPEG": {jpg, nil}, "GIF": {gif, nil}, "BMP": {bmp, nil},
		"with something behind it": {append(bytes.Clone(jpg), bytes.Repeat([]byte("moving picture "), 50)...), nil},
		"cut-off PNG":              {png[:len(png)-100], ErrDamaged}, "cut-off JPEG": {jpg[:len(jpg)-100], ErrDamaged}, "half a JPEG": {jpg[:len(jpg)/2], ErrDamaged},
		"cut-off GIF": {gif[:len(gif)-5], ErrDamaged}, "cut-off BMP": {bmp[:len(bmp)-5], ErrDamaged},
		"too small": {drawn(t, "png", gray(300, 99)), ErrTooSmall}, "empty": {nil, ErrNotPicture}, "text": {[]byte("xin chào"), ErrNotPicture},
		"a page": {[]byte("<html></html>"), ErrType}, "an SVG": {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), ErrType},
	} {
		facts, err := Inspect(bytes.NewReader(test.data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		got := limits.Check(facts)
		if !errors.Is(got, test.want) {
			t.Errorf("%s: got %v, want %v (%+v)", name, got, test.want, facts)
		}
		if _, _, _, err := Fit(test.data, limits); (err == nil) != (got == nil) {
			t.Errorf("%s: the check says %v, fitting %v", name, got, err)
		}
	}
	fetched := limits
	fetched.AsIs = true
	for name, test := range map[string]struct {
		data []byte
		want error
	}{"too wide": {png, ErrTooHeavy}, "another format": {gif, ErrType}, "fine": {drawn(t, "png", gray(200, 200)), nil}} {
		facts, err := Inspect(bytes.NewReader(test.data))
		if got := fetched.Check(facts); err != nil || !errors.Is(got, test.want) {
			t.Errorf("as it is, %s: got %v, %v", name, got, err)
		}
	}
}

func TestFitGivesTheShape(t *testing.T) {
	t.Parallel()
	for ratio, want := range map[int]image.Point{100: {400, 400}, 133: {301, 400}, 200: {200, 400}, 0: {100, 400}} {
		limits := Limits{Types: []string{"image/png"}, MaxRatio: ratio}
		data, kind, size, err := Fit(drawn(t, "png", gray(100, 400)), limits)
		if err != nil || size != image.Pt(100, 400) {
			t.Fatal(err)
		}
		picture, _, err := image.Decode(bytes.NewReader(data))
		if err != nil || picture.Bounds().Size() != want || (kind == "image/png") != (ratio == 0) {
			t.Errorf("ratio %d: got %v of %s, %v, want %v", ratio, picture.Bounds().Size(), kind, err, want)
		}
		if r, _, _, _ := picture.At(0, 0).RGBA(); ratio > 0 && r>>8 < 250 {
			t.Errorf("ratio %d: the margin is not white", ratio)
		}
		if r, _, _, _ := picture.At(want.X/2, want.Y/2).RGBA(); r>>8 > 5 {
			t.Errorf("ratio %d: the picture is not in the middle", ratio)
		}
	}
}

func TestEveryReasonHasWords(t *testing.T) {
	t.Parallel()
	codes := map[string]bool{}
	for _, err := range []error{nil, ErrTooSmall, ErrTooWide, ErrDamaged, ErrTooHeavy, ErrType, ErrNotPicture, ErrTooLarge, os.ErrNotExist} {
		issue := Limits{MinSide: 500, GoodSide: 600}.Issue(3, err, image.Pt(40, 30))
		codes[issue.Code] = true
		if issue.Field != "images[3]" || issue.Severity != catalog.SeverityWarning || !strings.Contains(issue.Message.VI, "Ảnh 3") && !strings.Contains(issue.Message.VI, "ảnh 3") ||
			!strings.Contains(issue.Message.EN, "Picture 3") || strings.Contains(issue.Message.VI+issue.Message.EN, "%!") {
			t.Errorf("%v: %+v", err, issue)
		}
	}
	if len(codes) != 5 {
		t.Errorf("codes %v", codes)
	}
}

func TestFactsAreReadOnce(t *testing.T) {
	t.Parallel()
	dir, err := NewDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	digest, err := dir.Put(t.Context(), drawn(t, "png", gray(30, 20)), "")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		facts, err := dir.Facts(t.Context(), catalog.OfferImage{SHA256: digest})
		if err != nil || facts.Size != image.Pt(30, 20) || facts.Type != "image/png" || !facts.Whole {
			t.Errorf("got %+v, %v", facts, err)
		}
		if err := os.Remove(dir.Path(digest)); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	for _, digest := range []string{"", strings.Repeat("0", 64), "../../etc/passwd"} {
		if _, err := dir.Facts(t.Context(), catalog.OfferImage{SHA256: digest}); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%q: got %v", digest, err)
		}
	}
}
