package shopeetest

import (
	"crypto/md5" //nolint:gosec // the platform's own checksum
	"encoding/hex"
	"io"
	"mime/multipart"
	"slices"
	"strconv"
	"time"
)

const (
	maxVideo  = 30 << 20
	videoPart = 4 << 20 // every part but the last has exactly so many bytes
)

// The states of an upload.
const (
	videoInitiated   = "INITIATED"
	videoTranscoding = "TRANSCODING"
	videoSucceeded   = "SUCCEEDED"
	videoCancelled   = "CANCELLED"
)

// video is an upload. Transcoding ends with [Simulator.Advance] or when its
// time has come.
type video struct {
	id, status string
	size       int64
	parts      map[int64]int64 // size by number
	ready      time.Time
}

func (s *Simulator) initVideo(r *request) (any, error) {
	var in struct {
		MD5  string `json:"file_md5"`
		Size *int64 `json:"file_size"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	sum, err := hex.DecodeString(in.MD5)
	switch {
	case err != nil || len(sum) != md5.Size:
		return nil, badParam("Wrong parameters, detail: file_md5.")
	case in.Size == nil || *in.Size < 1:
		return nil, badParam("Wrong parameters, detail: file_size.")
	case *in.Size > maxVideo:
		return nil, refuse("error_file_size", "File size is too large. Video size should be less than 30M.")
	}
	v := &video{id: "vn_" + secret(16) + "_000000", status: videoInitiated, size: *in.Size, parts: map[int64]int64{}}
	s.videos[v.id] = v
	return object{"video_upload_id": v.id}, nil
}

// upload gives an upload that is under way.
func (s *Simulator) upload(id string) (*video, error) {
	v := s.videos[id]
	switch {
	case v == nil:
		return nil, refuse("error_invalid_upload_id", "Invalid upload_id.")
	case v.status != videoInitiated:
		return nil, refuse("error_already_completed", "Upload already completed.")
	}
	return v, nil
}

func (s *Simulator) videoPart(r *request) (any, error) {
	form, err := r.form()
	if err != nil {
		return nil, err
	}
	defer func() { _ = form.RemoveAll() }()
	field := func(name string) string {
		if values := form.Value[name]; len(values) > 0 {
			return values[0]
		}
		return ""
	}
	v, err := s.upload(field("video_upload_id"))
	if err != nil {
		return nil, err
	}
	number, err := strconv.ParseInt(field("part_seq"), 10, 64)
	last := (v.size - 1) / videoPart
	if err != nil || number < 0 || number > last {
		return nil, refuse("error_invalid_part_seq", "Invalid part_seq.")
	}
	size := int64(videoPart)
	if number == last {
		size = v.size - last*videoPart
	}
	files := form.File["part_content"]
	if len(files) != 1 || files[0].Size != size {
		return nil, refuse("error_invalid_part_size", "Invalid part_size.")
	}
	if sum, err := checksum(files[0]); err != nil || sum != field("content_md5") {
		return nil, badParam("Wrong parameters, detail: content_md5.")
	}
	v.parts[number] = size
	return none{}, nil
}

func checksum(file *multipart.FileHeader) (string, error) {
	data, err := file.Open()
	if err != nil {
		return "", err
	}
	defer data.Close()
	sum := md5.New() //nolint:gosec // the platform's own checksum
	_, err = io.Copy(sum, data)
	return hex.EncodeToString(sum.Sum(nil)), err
}

func (s *Simulator) completeVideo(r *request) (any, error) {
	var in struct {
		ID     string  `json:"video_upload_id"`
		Parts  []int64 `json:"part_seq_list"`
		Report *struct {
			Cost *int64 `json:"upload_cost"`
		} `json:"report_data"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	v, err := s.upload(in.ID)
	if err != nil {
		return nil, err
	}
	if in.Report == nil || in.Report.Cost == nil {
		return nil, badParam("Wrong parameters, detail: report_data is required.")
	}
	for number := range (v.size-1)/videoPart + 1 {
		if v.parts[number] == 0 || !slices.Contains(in.Parts, number) {
			return nil, refuse("error_invalid_part_seq", "Invalid part_seq.")
		}
	}
	v.status, v.ready = videoTranscoding, s.now().Add(10*time.Second)
	return none{}, nil
}

func (s *Simulator) videoResult(r *request) (any, error) {
	v := s.videos[r.query.Get("video_upload_id")]
	if v == nil {
		return nil, refuse("error_invalid_upload_id", "Invalid upload_id.")
	}
	if v.status == videoTranscoding && !s.now().Before(v.ready) {
		v.status = videoSucceeded
	}
	out := object{"status": v.status, "message": ""}
	if v.status == videoSucceeded {
		out["video_info"] = object{
			"video_url_list":     []object{{"video_url_region": "VN", "video_url": "https://cvf.shopee.vn/file/" + v.id}},
			"thumbnail_url_list": []object{{"image_url_region": "VN", "image_url": "https://cf.shopee.vn/file/" + v.id}}, "duration": 15,
		}
	}
	return out, nil
}

func (s *Simulator) cancelVideo(r *request) (any, error) {
	var in struct {
		ID string `json:"video_upload_id"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	v, err := s.upload(in.ID)
	if err != nil {
		return nil, err
	}
	v.status = videoCancelled
	return none{}, nil
}
