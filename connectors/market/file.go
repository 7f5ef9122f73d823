package market

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ReadFile reads a saved page as if it had come from address, as text/html
// without a charset. A name that ends in ".gz" is unpacked first.
func ReadFile(path, address string) (Reading, error) {
	return readFile(path, address, new(bytes.Buffer))
}

// readFile is [ReadFile] with room for the page.
func readFile(path, address string, page *bytes.Buffer) (Reading, error) {
	f, err := os.Open(path)
	if err != nil {
		return Reading{}, fmt.Errorf("read page: %w", err)
	}
	defer f.Close()
	var body io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		z, err := gzip.NewReader(f)
		if err != nil {
			return Reading{}, fmt.Errorf("read page %s: %w", path, err)
		}
		defer z.Close()
		body = z
	}
	page.Reset()
	if info, err := f.Stat(); err == nil {
		page.Grow(int(min(info.Size(), maxBody)) + bytes.MinRead)
	}
	_, err = page.ReadFrom(io.LimitReader(body, maxBody+1))
	html := page.Bytes()
	switch {
	case err != nil:
		return Reading{}, fmt.Errorf("read page %s: %w", path, err)
	case len(html) > maxBody:
		return Reading{}, fmt.Errorf("read page %s: %w", path, ErrTooLarge)
	}
	return ReadPage(html, address, "text/html"), nil
}

// ReadList reads the saved pages named in a tab-separated list with the
// columns file and url, in order; files lie beside the list and lines that
// begin with "#" are comments. The first error ends the sequence.
func ReadList(path string) iter.Seq2[Reading, error] {
	return func(yield func(Reading, error) bool) {
		if err := readList(path, func(r Reading) bool { return yield(r, nil) }); err != nil {
			yield(Reading{}, err)
		}
	}
}

func readList(path string, yield func(Reading) bool) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read list of pages: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	file, address := -1, -1
	var page bytes.Buffer
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSuffix(lines.Text(), "\r")
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, "\t")
		if file < 0 {
			file, address = slices.Index(fields, "file"), slices.Index(fields, "url")
			if file < 0 {
				return fmt.Errorf("%s line %d: no column named file", path, n)
			}
			continue
		}
		if file >= len(fields) || fields[file] == "" {
			return fmt.Errorf("%s line %d: no file is named", path, n)
		}
		where := ""
		if address >= 0 && address < len(fields) {
			where = fields[address]
		}
		r, err := readFile(filepath.Join(filepath.Dir(path), fields[file]), where, &page)
		if err != nil {
			return fmt.Errorf("%s line %d: %w", path, n, err)
		}
		if !yield(r) {
			return nil
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read list of pages %s: %w", path, err)
	}
	if file < 0 {
		return errors.New(path + ": the list is empty; it needs the columns file and url")
	}
	return nil
}
