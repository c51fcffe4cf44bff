package ocr

import (
	"fmt"
	"image"
	"slices"
	"strconv"
	"strings"

	"nerva/core/api"
	"nerva/core/desk"
)

// sure is how sure tesseract has to be of a word, in percent: what it makes of icons and edges has less.
const sure = 30

// The columns of tesseract's TSV (tesseract(1), "tsv"): level, page_num, block_num, par_num, line_num, word_num, left, top,
// width, height, conf, text. The level of a word is 5.
const (
	levelColumn = iota
	pageColumn
	blockColumn
	paragraphColumn
	lineColumn
	wordColumn
	leftColumn
	topColumn
	widthColumn
	heightColumn
	sureColumn
	textColumn
	columns

	wordLevel = 5
)

// words reads a TSV of a picture that was enlarged so many times.
func words(tsv string, times int) ([]desk.Word, error) {
	var list []desk.Word
	var before [textColumn]int
	block, line := 0, 0
	for i, row := range slices.Collect(strings.Lines(tsv)) {
		cells := strings.SplitN(strings.TrimRight(row, "\r\n"), "\t", columns)
		if i == 0 || len(cells) < columns { // its heading, and what has no text
			continue
		}
		var number [textColumn]int
		for n := range number {
			v, err := strconv.ParseFloat(cells[n], 64) // conf has a fraction
			if err != nil || v < -1 || v > 1<<30 {
				return nil, api.Errorf(api.Failed, "what tesseract says is not understood: update nerva: %w", fmt.Errorf("%.100q", row))
			}
			number[n] = int(v)
		}
		text := strings.TrimSpace(strings.ToValidUTF8(cells[textColumn], "\uFFFD"))
		if number[levelColumn] != wordLevel || number[sureColumn] < sure || text == "" {
			continue
		}
		if !slices.Equal(number[pageColumn:paragraphColumn+1], before[pageColumn:paragraphColumn+1]) {
			block++
		}
		if !slices.Equal(number[pageColumn:lineColumn+1], before[pageColumn:lineColumn+1]) {
			line++
		}
		before = number
		list = append(list, desk.Word{Text: text, Block: block, Line: line, Box: image.Rect(
			number[leftColumn]/times, number[topColumn]/times,
			(number[leftColumn]+number[widthColumn]+times-1)/times, (number[topColumn]+number[heightColumn]+times-1)/times,
		)})
	}
	return list, nil
}
