package seed

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"strconv"
)

// Sheet draws the picture of a made-up paper form, as a scanner would: its serial, the window that it rates, and the
// five grades with a cross at the one given. It is a PNG of 600 x 420 pixels.
func Sheet(serial, window string, grade int) ([]byte, error) {
	page := image.NewGray(image.Rect(0, 0, 600, 420))
	draw.Draw(page, page.Bounds(), image.NewUniform(color.Gray{250}), image.Point{}, draw.Src)
	write(page, serial, 30, 30, 8)
	write(page, window, 30, 130, 12)
	for i, g := range []int{5, 4, 3, 2, 1} {
		x := 30 + 110*i
		box(page, image.Rect(x, 250, x+70, 320))
		if g == grade {
			for n := range 60 {
				ink(page, image.Rect(x+5+n, 255+n, x+9+n, 259+n))
				ink(page, image.Rect(x+61-n, 255+n, x+65-n, 259+n))
			}
		}
		write(page, strconv.Itoa(g), x+23, 340, 8)
	}
	var out bytes.Buffer
	err := png.Encode(&out, page)
	return out.Bytes(), err
}

func ink(page *image.Gray, r image.Rectangle) {
	draw.Draw(page, r, image.NewUniform(color.Gray{40}), image.Point{}, draw.Src)
}

func box(page *image.Gray, r image.Rectangle) {
	ink(page, r)
	draw.Draw(page, r.Inset(3), image.NewUniform(color.Gray{250}), image.Point{}, draw.Src)
}

// write draws a text in squares of so many pixels.
func write(page *image.Gray, text string, x, y, size int) {
	for _, c := range text {
		for row, bits := range dots[c] {
			for column := range 3 {
				if bits&(4>>column) != 0 {
					ink(page, image.Rect(x+column*size, y+row*size, x+(column+1)*size, y+(row+1)*size))
				}
			}
		}
		x += 4 * size
	}
}

// dots are the characters of serials and windows, five rows of three dots each.
var dots = map[rune][5]uint8{
	'0': {7, 5, 5, 5, 7}, '1': {2, 6, 2, 2, 7}, '2': {7, 1, 7, 4, 7}, '3': {7, 1, 7, 1, 7}, '4': {5, 5, 7, 1, 1},
	'5': {7, 4, 7, 1, 7}, '6': {7, 4, 7, 5, 7}, '7': {7, 1, 1, 2, 2}, '8': {7, 5, 7, 5, 7}, '9': {7, 5, 7, 1, 7},
	'A': {2, 5, 7, 5, 5}, 'B': {6, 5, 6, 5, 6}, 'C': {3, 4, 4, 4, 3}, 'D': {6, 5, 5, 5, 6}, 'E': {7, 4, 6, 4, 7}, 'F': {7, 4, 6, 4, 4},
	'G': {3, 4, 5, 5, 3}, 'H': {5, 5, 7, 5, 5}, 'J': {1, 1, 1, 5, 2}, 'K': {5, 5, 6, 5, 5}, 'L': {4, 4, 4, 4, 7}, 'M': {5, 7, 7, 5, 5},
	'N': {6, 5, 5, 5, 5}, 'P': {6, 5, 6, 4, 4}, 'Q': {2, 5, 5, 6, 3}, 'R': {6, 5, 6, 5, 5}, 'T': {7, 2, 2, 2, 2}, 'U': {5, 5, 5, 5, 7},
	'W': {5, 5, 7, 7, 5}, 'X': {5, 5, 2, 5, 5}, 'Y': {5, 5, 2, 2, 2}, '-': {0, 0, 7, 0, 0},
}
