package shopeetest

import (
	"bytes"
	"crypto/md5" //nolint:gosec // the platform's own checksum
	"encoding/hex"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestBrands(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	picture, _ := c.upload("", pixel)
	body := fields{"original_brand_name": "Tổ Ong Bắc Kạn", "category_list": rows(CategoryHoney), "brand_region": "VN", "product_image": fields{"image_id_list": picture}}
	const register = "product/register_brand"
	c.refuses([]call{
		{"no name", register, with(body, "original_brand_name", nil), "error_param"},
		{"a blank name", register, with(body, "original_brand_name", " "), "error_param"},
		{"a long name", register, with(body, "original_brand_name", strings.Repeat("x", maxBrandName+1)), "error_param"},
		{"no region", register, with(body, "brand_region", nil), "error_param"},
		{"no category", register, with(body, "category_list", rows()), "error_param"},
		{"51 categories", register, with(body, "category_list", make([]int64, 51)), "error_param"},
		{"an unknown category", register, with(body, "category_list", rows(1)), "error_invalid_category"},
		{"no picture", register, with(body, "product_image", nil), "error_param"},
		{"an empty list of pictures", register, with(body, "product_image", fields{"image_id_list": rows()}), "error_param"},
		{"an unknown picture", register, with(body, "product_image", fields{"image_id_list": rows("x")}), "error_param"},
		{"a brand that is there", register, with(body, "original_brand_name", "ong rừng u minh"), "error_busi_duplicated"},
		{"a new one", register, body, ""},
		{"the same again", register, body, "error_busi_pending_qc"},
	})
	list := func(status string, offset int) (names []string, next int64) {
		var out struct {
			Brands []struct {
				Name string `json:"original_brand_name"`
			} `json:"brand_list"`
			More bool  `json:"has_next_page"`
			Next int64 `json:"next_offset"`
		}
		c.ok("brands", c.get("product/get_brand_list", url.Values{"category_id": {itoa(CategoryHoney)}, "status": {status}, "page_size": {"1"}, "offset": {itoa(int64(offset))}}), &out)
		for _, b := range out.Brands {
			names = append(names, b.Name)
		}
		if out.More != (out.Next > 0) {
			t.Errorf("more %t, next %d", out.More, out.Next)
		}
		return names, out.Next
	}
	if names, _ := list("2", 0); len(names) != 1 || names[0] != "Tổ Ong Bắc Kạn" {
		t.Errorf("pending: %v", names)
	}
	c.sim.ApproveBrands()
	if names, _ := list("2", 0); len(names) != 0 {
		t.Errorf("pending after the approval: %v", names)
	}
	if _, next := list("1", 0); next != 1 {
		t.Errorf("the first page leads to %d", next)
	}
	if names, next := list("1", 1); len(names) != 1 || names[0] != "Tổ Ong Bắc Kạn" || next != 0 {
		t.Errorf("the second page: %v, %d", names, next)
	}
}

func TestVideos(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	data := bytes.Repeat([]byte("v"), videoPart+10)
	sum := func(data []byte) string {
		s := md5.Sum(data) //nolint:gosec // the platform's own checksum
		return hex.EncodeToString(s[:])
	}
	const api = "media_space/"
	whole := fields{"file_md5": sum(data), "file_size": len(data)}
	c.refuses([]call{
		{"no checksum", api + "init_video_upload", with(whole, "file_md5", nil), "error_param"},
		{"half a checksum", api + "init_video_upload", with(whole, "file_md5", "abcd"), "error_param"},
		{"a word for a checksum", api + "init_video_upload", with(whole, "file_md5", strings.Repeat("x", 32)), "error_param"},
		{"no size", api + "init_video_upload", with(whole, "file_size", nil), "error_param"},
		{"nothing", api + "init_video_upload", with(whole, "file_size", 0), "error_param"},
		{"too large", api + "init_video_upload", with(whole, "file_size", maxVideo+1), "error_file_size"},
		{"result of nothing", api + "get_video_upload_result", nil, "error_invalid_upload_id"},
		{"cancel nothing", api + "cancel_video_upload", fields{}, "error_invalid_upload_id"},
		{"complete nothing", api + "complete_video_upload", fields{}, "error_invalid_upload_id"},
		{"no JSON", api + "init_video_upload", "{", "error_param"},
		{"complete no JSON", api + "complete_video_upload", "{", "error_param"},
		{"cancel no JSON", api + "cancel_video_upload", "{", "error_param"},
	})
	var made struct {
		ID string `json:"video_upload_id"`
	}
	begin := func() string {
		c.ok("begin", c.post(api+"init_video_upload", whole), &made)
		return made.ID
	}
	send := func(id, number string, data []byte, checksum string, files int) reply {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		for name, value := range map[string]string{"video_upload_id": id, "part_seq": number, "content_md5": checksum} {
			if err := form.WriteField(name, value); err != nil {
				t.Fatal(err)
			}
		}
		for range files {
			part, err := form.CreateFormFile("part_content", "part")
			if err == nil {
				_, err = part.Write(data)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := form.Close(); err != nil {
			t.Fatal(err)
		}
		path := "/api/v2/" + api + "upload_video_part"
		return c.send(http.MethodPost, path, c.signed(path, "", time.Now()), form.FormDataContentType(), body.Bytes())
	}
	first, last := data[:videoPart], data[videoPart:]
	id := begin()
	for _, x := range []struct {
		name string
		r    reply
		code string
	}{
		{"an unknown upload", send("x", "0", first, sum(first), 1), "error_invalid_upload_id"},
		{"a part without number", send(id, "", first, sum(first), 1), "error_invalid_part_seq"},
		{"a part before the first", send(id, "-1", first, sum(first), 1), "error_invalid_part_seq"},
		{"a part behind the last", send(id, "2", last, sum(last), 1), "error_invalid_part_seq"},
		{"a part that is too short", send(id, "0", last, sum(last), 1), "error_invalid_part_size"},
		{"a last part that is too long", send(id, "1", first, sum(first), 1), "error_invalid_part_size"},
		{"no part", send(id, "0", first, sum(first), 0), "error_invalid_part_size"},
		{"two parts", send(id, "1", last, sum(last), 2), "error_invalid_part_size"},
		{"a wrong checksum", send(id, "1", last, sum(first), 1), "error_param"},
		{"the last part", send(id, "1", last, sum(last), 1), ""},
	} {
		c.want(x.name, x.r, x.code)
	}
	path := "/api/v2/" + api + "upload_video_part"
	c.want("a part as JSON", c.send(http.MethodPost, path, c.signed(path, "", time.Now()), "application/json", []byte("{}")), "error_param")
	done := fields{"video_upload_id": id, "part_seq_list": rows(0, 1), "report_data": fields{"upload_cost": 12}}
	c.want("complete without the first", c.post(api+"complete_video_upload", done), "error_invalid_part_seq")
	c.want("the first part", send(id, "0", first, sum(first), 1), "")
	c.want("complete without report", c.post(api+"complete_video_upload", with(done, "report_data", nil)), "error_param")
	c.want("complete without cost", c.post(api+"complete_video_upload", with(done, "report_data", fields{})), "error_param")
	c.want("complete without naming all", c.post(api+"complete_video_upload", with(done, "part_seq_list", rows(1))), "error_invalid_part_seq")
	status := func(id string) string {
		var out struct {
			Status string          `json:"status"`
			Info   json.RawMessage `json:"video_info"`
		}
		c.ok("result", c.get(api+"get_video_upload_result", url.Values{"video_upload_id": {id}}), &out)
		if (out.Status == videoSucceeded) != (len(out.Info) > 0) {
			t.Errorf("%s with %s", out.Status, out.Info)
		}
		return out.Status
	}
	if got := status(id); got != videoInitiated {
		t.Errorf("before: %s", got)
	}
	c.want("complete", c.post(api+"complete_video_upload", done), "")
	c.want("complete again", c.post(api+"complete_video_upload", done), "error_already_completed")
	if got := status(id); got != videoTranscoding {
		t.Errorf("after: %s", got)
	}
	c.sim.Advance(time.Minute)
	if got := status(id); got != videoSucceeded {
		t.Errorf("a minute later: %s", got)
	}
	item := c.honey("MO")
	two := begin()
	c.want("cancel", c.post(api+"cancel_video_upload", fields{"video_upload_id": two}), "")
	if got := status(two); got != videoCancelled {
		t.Errorf("cancelled: %s", got)
	}
	item["video_upload_id"] = rows(two)
	c.want("an item with the cancelled one", c.post("product/add_item", item), "error_param_validate")
	item["video_upload_id"] = rows(id, id)
	c.want("an item with two", c.post("product/add_item", item), "error_param_validate")
	item["video_upload_id"] = rows(id)
	c.want("an item with the good one", c.post("product/add_item", item), "")
	info := c.get("product/get_item_base_info", url.Values{"item_id_list": {string(c.sim.Listings()[0].ExternalID)}})
	if !strings.Contains(string(info.Response), "video_info") {
		t.Errorf("the item shows %s", info.Response)
	}
}

func TestRefusesPictures(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	if _, r := c.upload(""); r.Error != "error_param" {
		t.Errorf("no picture: %q", r.Error)
	}
	if _, r := c.upload("", strings.Split(strings.Repeat(pixel+"|", 9)+pixel, "|")...); r.Error != "error_param" {
		t.Errorf("ten pictures: %q", r.Error)
	}
	if ids, _ := c.upload("", pixel+strings.Repeat("x", 10<<20)); ids[0] != "" {
		t.Error("a picture above 10 MB was taken")
	}
	path := "/api/v2/media_space/upload_image"
	send := func(kind, body string) string {
		return c.send(http.MethodPost, path, c.signed(path, "", time.Now()), kind, []byte(body)).Error
	}
	for name, got := range map[string]string{
		"no kind": send("", "x"), "JSON": send("application/json", "{}"), "a broken kind": send("multipart/form-data; boundary", "x"), "no form": send("multipart/form-data; boundary=b", "x"),
		"a strange scene": send("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"scene\"\r\n\r\nparty\r\n--b\r\n"+
			"Content-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\n"+pixel+"\r\n--b--\r\n"),
	} {
		if got != "error_param" {
			t.Errorf("%s: %q", name, got)
		}
	}
}
