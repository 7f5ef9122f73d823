package woocommercetest

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// image is a file of the media library.
type image struct {
	id       int64
	file     string // below /wp-content/uploads/
	name     string
	alt      string
	created  time.Time
	modified time.Time
}

type imageAnswer struct {
	ID              int64   `json:"id"`
	DateCreated     *string `json:"date_created"`
	DateCreatedGMT  *string `json:"date_created_gmt"`
	DateModified    *string `json:"date_modified"`
	DateModifiedGMT *string `json:"date_modified_gmt"`
	Src             string  `json:"src"`
	Name            string  `json:"name"`
	Alt             string  `json:"alt"`
}

func (s *Simulator) showImages(ids []int64) []imageAnswer {
	out := make([]imageAnswer, 0, len(ids))
	for _, id := range ids {
		if i := s.images[id]; i != nil {
			out = append(out, imageAnswer{
				i.id, s.local(i.created), gmt(i.created), s.local(i.modified), gmt(i.modified),
				s.URL + "/wp-content/uploads/" + i.file, i.name, i.alt,
			})
		}
	}
	return out
}

// readImages takes pictures by identifier or address. The same address again
// makes another file.
func (s *Simulator) readImages(r *request, in []any, owner string) ([]int64, *apiError) {
	var out []int64
	for _, item := range in {
		m := toMap(item)
		if len(m) == 0 {
			continue
		}
		id := toInt(m["id"])
		if src, ok := given(m, "src"); id == 0 && ok {
			if failure := s.checkPicture(r, toText(src), owner); failure != nil {
				return nil, failure
			}
			id = s.addImage(toText(src))
		}
		i := s.images[id]
		if i == nil {
			return nil, fail(http.StatusBadRequest, "woocommerce_"+owner+"_invalid_image_id", fmt.Sprintf("#%d is an invalid image ID.", id))
		}
		changed := *i
		if name := toText(m["name"]); name != "" {
			changed.name = name
		}
		if alt := toText(m["alt"]); alt != "" {
			changed.alt = alt
		}
		s.images[id] = &changed
		out = append(out, id)
	}
	return out, nil
}

func (s *Simulator) addImage(src string) int64 {
	address, _ := url.Parse(src)
	base := path.Base(address.Path)
	extension := path.Ext(base)
	stem := slugOf(strings.TrimSuffix(base, extension))
	if stem == "" {
		stem = "image"
	}
	now := s.now()
	folder := now.In(s.zone).Format("2006/01/")
	name := stem
	for n := 1; s.files[folder+name+extension]; n++ {
		name = stem + "-" + strconv.Itoa(n)
	}
	s.files[folder+name+extension] = true
	id := s.next(seriesPosts)
	s.images[id] = &image{id: id, file: folder + name + extension, name: base, created: now, modified: now}
	return id
}

func pictureError(owner, message string) *apiError {
	return fail(http.StatusBadRequest, "woocommerce_"+owner+"_image_upload_error", message)
}

// checkPicture refuses what the shop would not fetch or not keep.
func (s *Simulator) checkPicture(r *request, src, owner string) *apiError {
	address, err := url.Parse(src)
	refused := pictureError(owner, fmt.Sprintf("Error getting remote image %s. Error: A valid URL was not provided.", src))
	if err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https" {
		return refused
	}
	host := address.Hostname()
	ip := net.ParseIP(host)
	loopback := isLoopback(address)
	private := loopback || ip != nil && (ip.IsPrivate() || ip.IsUnspecified() || ip.IsLinkLocalUnicast()) || !strings.Contains(host, ".")
	if loopback && s.options.AllowLoopbackImages {
		if status := r.pictures[src]; status != "" {
			return pictureError(owner, fmt.Sprintf("Error getting remote image %s. Error: %s", src, status))
		}
	} else if private || !slices.Contains([]string{"", "80", "443", "8080"}, address.Port()) {
		return refused
	}
	switch strings.ToLower(path.Ext(address.Path)) {
	case ".jpg", ".jpeg", ".jpe", ".png", ".gif", ".webp", ".avif", ".bmp", ".ico", ".heic", ".tif", ".tiff":
		return nil
	}
	return pictureError(owner, "Invalid image: Sorry, you are not allowed to upload this file type.")
}

// fetchPictures gets the loopback pictures that a request names, before the
// shop is locked: their host may be slow.
func (s *Simulator) fetchPictures(r *request) {
	if !s.options.AllowLoopbackImages || r.body == nil {
		return
	}
	r.pictures = map[string]string{}
	r.fetchFrom(r.body)
	for _, name := range []string{"create", "update"} {
		for _, item := range toList(r.body[name]) {
			r.fetchFrom(toMap(item))
		}
	}
}

func (r *request) fetchFrom(item map[string]any) {
	for _, picture := range append(toList(item["images"]), item["image"]) {
		src := toText(toMap(picture)["src"])
		address, err := url.Parse(src)
		if src == "" || err != nil {
			continue
		}
		if isLoopback(address) {
			if _, done := r.pictures[src]; !done {
				r.pictures[src] = fetch(r.http.Context(), src)
			}
		}
	}
}

// fetch returns what went wrong, "" for nothing.
func fetch(ctx context.Context, src string) string {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	get, err := http.NewRequestWithContext(ctx, http.MethodGet, src, nil)
	if err != nil {
		return "A valid URL was not provided."
	}
	answer, err := loopbackClient.Do(get)
	if err != nil {
		return "Could not connect to server"
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<20))
	if answer.StatusCode != http.StatusOK {
		return http.StatusText(answer.StatusCode)
	}
	return ""
}
