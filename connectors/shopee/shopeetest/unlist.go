package shopeetest

func (s *Simulator) unlistItem(r *request) (any, error) {
	var in struct {
		Items []struct {
			ID     *int64 `json:"item_id"`
			Unlist *bool  `json:"unlist"`
		} `json:"item_list"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if len(in.Items) < 1 || len(in.Items) > 50 {
		return nil, badParam("Wrong parameters, detail: item_list needs 1 to 50 items.")
	}
	done, failed := []object{}, []object{}
	for _, row := range in.Items {
		if row.ID == nil || row.Unlist == nil {
			return nil, badParam("Wrong parameters, detail: item_id and unlist are required.")
		}
		it, err := s.find(*row.ID)
		if err != nil {
			failed = append(failed, object{"item_id": *row.ID, "failed_reason": "Item_id is not found."})
			continue
		}
		if err := s.list(it, *row.Unlist); err != nil {
			failed = append(failed, object{"item_id": *row.ID, "failed_reason": err.(failure).message})
			continue
		}
		done = append(done, object{"item_id": *row.ID, "unlist": *row.Unlist})
	}
	return object{"success_list": done, "failure_list": failed}, nil
}

// list puts an item on or off sale.
func (s *Simulator) list(it *item, off bool) error {
	switch {
	case off && (it.status == statusBanned || it.status == statusReviewing), !off && it.status == statusBanned:
		return refuse("error_busi_cannot_delist_reviewing_or_banned_item", "Can not list or delist a reviewing or banned item.")
	case off && it.locked:
		return refuse("error_cannt_unlisted_in_promotion", "Can not unlist an item in promotion.")
	case off && it.status != statusUnlist:
		it.status = statusUnlist
		s.touch(it)
	case !off && it.status == statusUnlist:
		it.status = statusNormal
		s.touch(it)
	}
	return nil
}

func (s *Simulator) deleteItem(r *request) (any, error) {
	var in struct {
		ID *int64 `json:"item_id"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if in.ID == nil {
		return nil, badParam("Wrong parameters, detail: item_id is required.")
	}
	it, err := s.find(*in.ID)
	if err != nil {
		return nil, err
	}
	it.status = statusDeleted
	s.touch(it)
	return none{}, nil
}
