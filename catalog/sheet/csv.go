package sheet

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// maxRecord is the most bytes that one row of a .csv file may have; more of it
// is never held in memory.
const maxRecord = 16 << 20

// source gives the rows of one sheet.
type source interface {
	// next returns the next row and its number, or io.EOF. The slice is valid
	// until the next call, its texts for ever.
	next() (number int, cells []string, err error)
	// consumed tells how much of the file's size was read.
	consumed() int64
	close() error
}

// survey is what one look at all bytes of a file tells.
type survey struct {
	digest  string // hex SHA-256
	size    int64
	head    []byte // the first bytes
	letters int    // runes above ASCII that are valid UTF-8
	damaged int    // bytes that are not
	nul     bool
}

func surveyFile(r io.Reader) (survey, error) {
	var s survey
	hash := sha256.New()
	buf := make([]byte, 64<<10)
	kept := 0 // bytes of a letter that the last block cut
	for {
		n, err := io.ReadFull(r, buf[kept:])
		hash.Write(buf[kept : kept+n])
		s.size += int64(n)
		block := buf[:kept+n]
		if s.head == nil {
			s.head = bytes.Clone(block[:min(len(block), 4096)])
		}
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return survey{}, err
		}
		kept = copy(buf, s.count(block, last))
		if last {
			s.digest = hex.EncodeToString(hash.Sum(nil))
			return s, nil
		}
	}
}

// count adds a block's letters and returns the cut letter at its end.
func (s *survey) count(block []byte, last bool) (rest []byte) {
	s.nul = s.nul || bytes.IndexByte(block, 0) >= 0
	for i := 0; i < len(block); {
		if block[i] < utf8.RuneSelf {
			i++
			continue
		}
		if !last && !utf8.FullRune(block[i:]) {
			return block[i:]
		}
		r, size := utf8.DecodeRune(block[i:])
		if r == utf8.RuneError && size == 1 {
			s.damaged++
		} else {
			s.letters++
		}
		i += size
	}
	return nil
}

// decode turns a text file into UTF-8 without a byte order mark. Without one
// it is UTF-8, unless hardly any of its letters are: then it is Windows-1258,
// which Vietnamese versions of Excel write. Damage in UTF-8 stays, for the
// cells that have it to be refused.
func (s survey) decode(r io.Reader) (io.Reader, error) {
	switch {
	case bytes.HasPrefix(s.head, []byte{0xFF, 0xFE}), bytes.HasPrefix(s.head, []byte{0xFE, 0xFF}):
		return transform.NewReader(r, unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder()), nil
	case bytes.HasPrefix(s.head, []byte("\xEF\xBB\xBF")):
		_, err := io.CopyN(io.Discard, r, 3)
		return r, err
	case s.nul:
		return nil, reasonf("tệp không phải văn bản CSV bằng UTF-8; hãy lưu lại dạng \"CSV UTF-8\" hoặc .xlsx", "the file is not CSV text in UTF-8; save it as \"CSV UTF-8\" or .xlsx")
	case s.letters*10 < s.damaged:
		return transform.NewReader(r, charmap.Windows1258.NewDecoder()), nil
	}
	return r, nil
}

type csvSource struct {
	raw    *countingReader
	guard  *recordGuard
	reader *csv.Reader
	extra  int // line ends within cells so far: lines that are no rows
}

func newCSV(file io.Reader, s survey) (*csvSource, error) {
	raw := &countingReader{r: file}
	text, err := s.decode(raw)
	if err != nil {
		return nil, err
	}
	head, err := io.ReadAll(io.LimitReader(text, 4096))
	if err != nil {
		return nil, err
	}
	guard := &recordGuard{r: io.MultiReader(bytes.NewReader(head), text)}
	reader := csv.NewReader(guard)
	reader.Comma = separator(string(head))
	reader.FieldsPerRecord = -1
	reader.ReuseRecord = true
	return &csvSource{raw: raw, guard: guard, reader: reader}, nil
}

// separator is the mark that occurs most often outside quotes at the
// beginning of the file.
func separator(head string) rune {
	best, most := ',', 0
	for _, mark := range ",;\t" {
		n := 0
		for i, part := range strings.Split(head, `"`) {
			if i%2 == 0 {
				n += strings.Count(part, string(mark))
			}
		}
		if n > most {
			best, most = mark, n
		}
	}
	return best
}

func (s *csvSource) next() (int, []string, error) {
	cells, err := s.reader.Read()
	if err != nil {
		return 0, nil, s.explain(err)
	}
	s.guard.n = 0
	line, _ := s.reader.FieldPos(0)
	number := line - s.extra
	for _, cell := range cells {
		s.extra += strings.Count(cell, "\n")
	}
	return number, cells, nil
}

func (s *csvSource) explain(err error) error {
	if parse, ok := errors.AsType[*csv.ParseError](err); ok {
		row := parse.StartLine - s.extra
		if errors.Is(err, csv.ErrQuote) || errors.Is(err, csv.ErrBareQuote) {
			return &FileError{Row: row, Err: err, Reason: reasonOf(reasonf(
				"dấu ngoặc kép không đúng chỗ hoặc không được đóng; trong ô có dấu \" phải viết \"\" và đặt cả ô trong ngoặc kép",
				"a misplaced or unclosed quote; a \" within a cell is written \"\" and the cell is put in quotes"))}
		}
		return &FileError{Row: row, Err: err, Reason: reasonOf(parse.Err)}
	}
	if errors.Is(err, errRecord) {
		_, line := 0, 0
		line, _ = s.reader.FieldPos(0)
		return &FileError{Row: line - s.extra + 1, Err: err, Reason: reasonOf(errRecord)}
	}
	return err
}

func (s *csvSource) consumed() int64 { return s.raw.n }
func (s *csvSource) close() error    { return nil }

var errRecord = reasonf("một dòng dài hơn %d MB; có thể thiếu dấu ngoặc kép đóng", "a row is longer than %d MB; a closing quote may be missing", maxRecord>>20)

// recordGuard ends a row that does not end.
type recordGuard struct {
	r io.Reader
	n int // since the last complete row
}

func (g *recordGuard) Read(p []byte) (int, error) {
	if g.n > maxRecord {
		return 0, errRecord
	}
	n, err := g.r.Read(p)
	g.n += n
	return n, err
}

type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("read file: %w", err)
	}
	return n, err
}
