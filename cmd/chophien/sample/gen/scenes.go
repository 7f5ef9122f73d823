package main

import (
	"image"
	"math"
)

// scenes draws the pictures by name.
var scenes = map[string]func() *canvas{
	"jar":          func() *canvas { return jar(0xFFF4DC, 0xE79A1B, 0xC97A0C, 0x8A5A2B) },
	"jar-pale":     func() *canvas { return jar(0xF3F7E4, 0xE9D66B, 0xCDB94A, 0x5F7A4A) },
	"jar-red":      func() *canvas { return jar(0xFBECE4, 0xE8B15C, 0xC8422B, 0x7A3B2A) },
	"leaf":         func() *canvas { return tea(0xEAF3E3, 0x4F8A4C, 0x2F6B3A, 0xC9B458) },
	"leaf-red":     func() *canvas { return tea(0xF8EBE2, 0x9A5B3C, 0x6E3A27, 0xB4472A) },
	"noodles":      noodles,
	"rice":         rice,
	"powder":       func() *canvas { return powder(0xEAF0F6, 0xFFFFFF, 0xD5DEE8, 0x8AA0B5) },
	"powder-gold":  func() *canvas { return powder(0xFFF3D6, 0xF0A91D, 0xD38A0B, 0xA8742A) },
	"sausage":      sausage,
	"bamboo":       bamboo,
	"shrimp":       shrimp,
	"pepper":       func() *canvas { return pepper(0xEFEDE6, 0x3A3431, 0x5A524D) },
	"pepper-white": func() *canvas { return pepper(0xE5ECE6, 0xE9DFC8, 0xCDBF9F) },
	"pepper-red":   func() *canvas { return pepper(0xF7EAE4, 0xC23B2B, 0x8F2419) },
	"coffee":       coffee,
	"nuts":         nuts,
	"durian":       durian,
	"avocado":      avocado,
	"chips":        chips,
	"beans":        func() *canvas { return beans(0xF6F0DD, 0xE3C66A, 0xBE9F45) },
	"beans-black":  func() *canvas { return beans(0xEDF1E6, 0x33363B, 0x6C9A55) },
	"fruit-yellow": func() *canvas { return fruit(0xFDF5DA, 0xF2B233, 0xD98E16) },
	"fruit-orange": func() *canvas { return fruit(0xFCEEDD, 0xE8772E, 0xC2551A) },
	"cloth-indigo": func() *canvas { return cloth(0xE8ECF4, 0x27386B, 0xF2EBDD, 0xB33A3A) },
	"cloth-red":    func() *canvas { return cloth(0xF6EAE3, 0xA32424, 0x1F1B1B, 0xEEC04D) },
	"bag":          bag,
	"purse":        purse,
	"basket":       basket,
}

func draw(name string) *image.Paletted { return scenes[name]().paletted() }

// table is the ground that things stand on.
func table(c *canvas, y float64) { c.fill(ellipse(300, y, 220, 26), 0xD9D2C3) }

func jar(background, content, deep, lid uint32) *canvas {
	c := newCanvas(background)
	table(c, 510)
	c.fill(round(165, 170, 435, 510, 48), 0xFFFFFF)
	glass := round(179, 184, 421, 496, 38)
	c.fill(glass, content)
	c.fill(within(ellipse(300, 520, 190, 120), glass), deep)
	c.fill(round(180, 100, 420, 176, 18), lid)
	c.fill(rect(180, 140, 420, 150), 0xFFFFFF)
	c.fill(round(220, 280, 380, 400, 14), 0xFFFBF0)
	for i := range 6 { // a flower on the label
		angle := float64(i) * math.Pi / 3
		c.fill(ellipse(300+26*math.Cos(angle), 340+26*math.Sin(angle), 17, 17), content)
	}
	c.fill(ellipse(300, 340, 14, 14), deep)
	c.fill(round(192, 210, 206, 440, 7), 0xFFFFFF)
	return c
}

func tea(background, light, dark, cup uint32) *canvas {
	c := newCanvas(background)
	table(c, 520)
	c.fill(stroke(300, 330, 300, 130, 9), dark)
	for _, side := range []float64{-1, 1} {
		c.fill(leaf(300, 300, 300+side*170, 150, 44), dark)
		c.fill(stroke(300, 300, 300+side*130, 185, 4), light)
		c.fill(leaf(300, 220, 300+side*95, 90, 30), light)
	}
	c.fill(leaf(300, 190, 300, 50, 24), light)
	bowl := ellipse(300, 380, 150, 135)
	c.fill(within(rect(150, 380, 450, 520), bowl), 0xFFFFFF)
	c.fill(ellipse(300, 380, 150, 34), 0xF1EEE6)
	c.fill(ellipse(300, 382, 130, 25), cup)
	c.fill(arc(455, 415, 34, 14, -90, 110), 0xFFFFFF)
	return c
}

func noodles() *canvas {
	c := newCanvas(0xECEAF0)
	table(c, 500)
	for i := range 22 {
		x := 175 + float64(i)*12
		lean := math.Sin(float64(i)*1.7) * 10
		color := []uint32{0xC9BFB6, 0xDAD2C8, 0xB7ABA1}[i%3]
		c.fill(stroke(x, 120, x+lean, 480, 8), color)
	}
	c.fill(round(160, 265, 446, 335, 12), 0xB5463C)
	c.fill(rect(160, 292, 446, 308), 0xF4E3C1)
	c.fill(poly(300, 250, 350, 300, 300, 350, 250, 300), 0xF4E3C1)
	c.fill(poly(300, 272, 328, 300, 300, 328, 272, 300), 0xB5463C)
	return c
}

func rice() *canvas {
	c := newCanvas(0xEFF3E2)
	table(c, 515)
	c.fill(poly(170, 510, 150, 250, 210, 200, 390, 200, 450, 250, 430, 510), 0xD8BE8A)
	c.fill(ellipse(300, 205, 105, 30), 0xB99C66)
	c.fill(ellipse(300, 195, 90, 24), 0xFBF8EE)
	c.fill(stroke(165, 262, 435, 262, 8), 0xA8894F)
	for i := range 7 { // an ear of rice
		y := 320 + float64(i)*22
		c.fill(leaf(300, y+18, 262, y-10, 11), 0x7F9A3E)
		c.fill(leaf(300, y+18, 338, y-10, 11), 0x94AF4F)
	}
	c.fill(stroke(300, 320, 300, 485, 5), 0x5E7A2C)
	return c
}

func powder(background, light, shade, spoon uint32) *canvas {
	c := newCanvas(background)
	table(c, 480)
	c.fill(within(ellipse(300, 400, 190, 210), rect(0, 0, side, 400)), light)
	c.fill(within(ellipse(370, 420, 130, 170), within(ellipse(300, 400, 190, 210), rect(0, 0, side, 400))), shade)
	c.fill(within(ellipse(300, 390, 220, 120), rect(0, 390, side, side)), 0x8B5E3C)
	c.fill(rect(80, 380, 520, 398), 0xA8744C)
	c.fill(stroke(330, 250, 480, 110, 18), spoon)
	c.fill(ellipse(315, 268, 46, 32), spoon)
	c.fill(ellipse(313, 262, 34, 20), light)
	return c
}

func sausage() *canvas {
	c := newCanvas(0xF6ECE6)
	c.fill(stroke(90, 90, 510, 90, 14), 0x7A5A3A)
	for i, x := range []float64{180, 300, 420} {
		c.fill(stroke(x, 95, x, 150, 6), 0xC7A877)
		bottom := 420 + float64(i%2)*50
		c.fill(stroke(x, 185, x, bottom, 74), 0x8E2F22)
		c.fill(stroke(x-16, 190, x-16, bottom-10, 12), 0xB5533F)
		for j := range 5 {
			c.fill(ellipse(x+12-float64(j%2)*10, 220+float64(j)*44, 7, 6), 0xE3B9A2)
		}
	}
	return c
}

func bamboo() *canvas {
	c := newCanvas(0xEDF2E0)
	table(c, 515)
	for i, x := range []float64{190, 410, 300} {
		top := 150 - float64(i)*30
		body := leaf(x, 620, x, top, 88)
		base := rect(0, 0, side, 515)
		c.fill(within(body, base), []uint32{0xC9A558, 0xC9A558, 0xD9BB72}[i])
		for j := range 4 {
			y := 480 - float64(j)*80
			band := within(poly(x-100, y, x, y-60, x+100, y, x+100, y+14, x, y-46, x-100, y+14), body)
			c.fill(within(band, base), 0x8A6A34)
		}
		c.fill(leaf(x, top+70, x, top-20, 15), 0x6E8F3F)
	}
	return c
}

func shrimp() *canvas {
	c := newCanvas(0xE6F1F2)
	table(c, 500)
	c.fill(ellipse(300, 430, 215, 75), 0xFFFFFF)
	c.fill(ellipse(300, 424, 180, 54), 0xDCE8EA)
	for i := range 3 {
		x, y := 190+float64(i)*110, 390-float64(i%2)*70
		c.fill(arc(x, y, 50, 36, 120, 400), 0xE2795B)
		c.fill(arc(x, y, 56, 8, 130, 390), 0xF3A98F)
		c.fill(leaf(x-30, y+40, x-80, y+70, 16), 0xC65A3E)
		c.fill(ellipse(x+36, y+22, 5, 5), 0x2C2422)
	}
	return c
}

func pepper(background, berry, shade uint32) *canvas {
	c := newCanvas(background)
	table(c, 500)
	c.fill(within(ellipse(300, 340, 215, 165), rect(0, 340, side, side)), 0x9A6B43)
	c.fill(ellipse(300, 340, 215, 60), 0x7D5535)
	for row := range 5 {
		for i := range 9 - row {
			x := 300 + (float64(i)-float64(8-row)/2)*42
			y := 350 - float64(row)*34
			c.fill(ellipse(x, y, 22, 22), berry)
			c.fill(ellipse(x+6, y+6, 9, 8), shade)
		}
	}
	c.fill(leaf(300, 190, 420, 70, 40), 0x4F8A4C)
	c.fill(stroke(300, 190, 400, 92, 4), 0x2F6B3A)
	return c
}

func coffee() *canvas {
	c := newCanvas(0xF3EADF)
	table(c, 520)
	c.fill(poly(185, 200, 415, 200, 440, 515, 160, 515), 0x6B4630)
	c.fill(poly(185, 200, 415, 200, 405, 150, 195, 150), 0x54351F)
	c.fill(rect(195, 168, 405, 178), 0xCBA779)
	c.fill(ellipse(300, 355, 88, 88), 0xF1E2CB)
	for _, bean := range []struct{ x, y float64 }{{270, 335}, {332, 335}, {300, 392}} {
		c.fill(ellipse(bean.x, bean.y, 25, 33), 0x54351F)
		c.fill(stroke(bean.x-5, bean.y-26, bean.x+5, bean.y+26, 5), 0xF1E2CB)
	}
	return c
}

func nuts() *canvas {
	c := newCanvas(0xF2EEE4)
	table(c, 500)
	for _, n := range []struct{ x, y, r float64 }{{190, 400, 92}, {410, 400, 92}, {300, 270, 98}} {
		c.fill(ellipse(n.x, n.y, n.r, n.r), 0x7B4B2C)
		c.fill(ellipse(n.x-22, n.y-26, n.r*0.4, n.r*0.3), 0x95633F)
		c.fill(arc(n.x, n.y, n.r*0.62, 10, 20, 160), 0x4D2C18)
	}
	c.fill(ellipse(300, 445, 62, 55), 0xF4E2BE)
	c.fill(ellipse(285, 432, 24, 18), 0xFFF3D8)
	return c
}

func durian() *canvas {
	c := newCanvas(0xF5F3DC)
	table(c, 510)
	for i := range 28 { // thorns
		angle := float64(i) * 2 * math.Pi / 28
		x, y := 300+180*math.Cos(angle), 320+180*math.Sin(angle)
		c.fill(leaf(300, 320, x+(x-300)*0.16, y+(y-320)*0.16, 26), 0x7C8B3A)
	}
	c.fill(ellipse(300, 320, 178, 178), 0x93A34A)
	c.fill(ellipse(300, 320, 140, 140), 0xF8F2D0)
	c.fill(ellipse(250, 330, 58, 96), 0xF2C94C)
	c.fill(ellipse(352, 330, 58, 96), 0xEDBB33)
	c.fill(stroke(300, 60, 300, 130, 22), 0x6A5A2F)
	return c
}

func avocado() *canvas {
	c := newCanvas(0xEEF4E1)
	table(c, 520)
	outer := func(grow float64, color uint32) {
		c.fill(ellipse(300, 375, 140+grow, 140+grow), color)
		c.fill(ellipse(300, 215, 82+grow, 125+grow), color)
		c.fill(poly(220-grow, 215, 380+grow, 215, 436+grow, 350, 164-grow, 350), color)
	}
	outer(0, 0x3F5B2B)
	outer(-16, 0xB9CF6A)
	outer(-38, 0xF0E79A)
	c.fill(ellipse(300, 385, 66, 66), 0x8A5A34)
	c.fill(ellipse(282, 364, 24, 19), 0xAD7B50)
	return c
}

func chips() *canvas {
	c := newCanvas(0xF6EEF2)
	table(c, 500)
	for i := range 9 {
		x, y := 180+float64(i%3)*120, 215+float64(i/3)*105
		if i/3%2 == 1 {
			x += 30
		}
		c.fill(ellipse(x, y, 82, 62), 0xB26A2D)
		c.fill(ellipse(x, y-4, 74, 54), 0xEFA63F)
		c.fill(ellipse(x-18, y-16, 30, 16), 0xF7C36F)
	}
	return c
}

func beans(background, bean, eye uint32) *canvas {
	c := newCanvas(background)
	table(c, 500)
	c.fill(within(ellipse(300, 350, 220, 150), rect(0, 350, side, side)), 0xB5794C)
	c.fill(ellipse(300, 350, 220, 56), 0x96613A)
	for row := range 5 {
		for i := range 8 - row {
			x := 300 + (float64(i)-float64(7-row)/2)*48
			y := 352 - float64(row)*36
			c.fill(ellipse(x, y, 27, 20), bean)
			c.fill(ellipse(x, y+7, 9, 4), eye)
		}
	}
	return c
}

func fruit(background, skin, shade uint32) *canvas {
	c := newCanvas(background)
	table(c, 505)
	for _, f := range []struct{ x, y float64 }{{195, 385}, {405, 385}, {300, 265}} {
		body := ellipse(f.x, f.y, 112, 104)
		c.fill(body, skin)
		c.fill(within(ellipse(f.x+30, f.y+90, 120, 100), body), shade)
		for i := range 4 { // the calyx
			angle := float64(i)*math.Pi/2 + math.Pi/4
			c.fill(leaf(f.x, f.y-78, f.x+60*math.Cos(angle), f.y-78+30*math.Sin(angle), 13), 0x5E7F3A)
		}
		c.fill(stroke(f.x, f.y-78, f.x+4, f.y-108, 9), 0x6E5230)
	}
	return c
}

// weave draws rows of a woven pattern within a shape.
func weave(c *canvas, in shape, ground, second, third uint32) {
	c.fill(in, ground)
	for y := math.Floor(in.y0/120) * 120; y < in.y1; y += 120 {
		c.fill(within(rect(in.x0, y+4, in.x1, y+12), in), third)
		c.fill(within(rect(in.x0, y+18, in.x1, y+22), in), second)
		c.fill(within(rect(in.x0, y+98, in.x1, y+102), in), second)
		for x := in.x0 - 20; x < in.x1+40; x += 60 {
			c.fill(within(poly(x+30, y+30, x+58, y+60, x+30, y+90, x+2, y+60), in), second)
			c.fill(within(poly(x+30, y+42, x+47, y+60, x+30, y+78, x+13, y+60), in), third)
			c.fill(within(poly(x+30, y+52, x+38, y+60, x+30, y+68, x+22, y+60), in), ground)
		}
	}
}

func cloth(background, ground, second, third uint32) *canvas {
	c := newCanvas(background)
	weave(c, rect(130, 70, 470, 480), ground, second, third)
	for x := 136.0; x < 470; x += 14 { // fringes
		c.fill(stroke(x, 482, x, 530, 5), third)
	}
	c.fill(rect(130, 470, 470, 486), second)
	return c
}

func bag() *canvas {
	c := newCanvas(0xF0ECE2)
	table(c, 520)
	c.fill(arc(300, 230, 130, 20, 180, 360), 0x6B4A2E)
	weave(c, round(140, 230, 460, 515, 30), 0x27386B, 0xF2EBDD, 0xC8402F)
	c.fill(round(130, 215, 470, 262, 14), 0x1B2547)
	c.fill(ellipse(300, 240, 12, 12), 0xE8C25A)
	return c
}

func purse() *canvas {
	c := newCanvas(0xF6EFE6)
	table(c, 470)
	weave(c, round(110, 190, 490, 460, 36), 0xA32424, 0x1F1B1B, 0xEEC04D)
	c.fill(rect(110, 214, 490, 226), 0xD9B34A)
	c.fill(stroke(455, 220, 505, 262, 10), 0xD9B34A)
	c.fill(ellipse(510, 270, 15, 19), 0x27386B)
	return c
}

func basket() *canvas {
	c := newCanvas(0xEEF0E4)
	table(c, 525)
	body := poly(150, 190, 450, 190, 400, 520, 200, 520)
	c.fill(body, 0xC79A56)
	for row := range 11 {
		for i := range 12 {
			if (row+i)%2 == 0 {
				c.fill(within(rect(140+float64(i)*27, 200+float64(row)*30, 165+float64(i)*27, 226+float64(row)*30), body), 0xA87A3C)
			}
		}
	}
	c.fill(round(138, 172, 462, 206, 14), 0x7E5627)
	c.fill(arc(300, 190, 120, 16, 180, 360), 0x7E5627)
	return c
}
