package workday

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// maxDays bounds a question: no statutory period comes near it (40 years).
const maxDays = 10_000

// Answer reads lines DATE N, N from 0 to 10,000, and writes for each the day on
// which N working days after DATE end: 2026-03-09, or 2027-01-04 provisional.
// Empty lines are passed over. A bad line is answered by a line that names it
// and says what is wrong; the rest is still answered, and an error returned.
func Answer(r io.Reader, w io.Writer, c Calendar) error {
	bad, line := 0, 0
	in := bufio.NewScanner(r)
	for in.Scan() {
		line++
		text := strings.TrimSpace(in.Text())
		if text == "" {
			continue
		}
		answer, err := answerLine(text, c)
		if err != nil {
			bad++
			answer = fmt.Sprintf("line %d: error: %q: %v", line, text, err)
		}
		if _, err := fmt.Fprintln(w, answer); err != nil {
			return err
		}
	}
	if err := in.Err(); err != nil {
		return fmt.Errorf("line %d: %w", line+1, err)
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d lines could not be answered", bad, line)
	}
	return nil
}

func answerLine(text string, c Calendar) (string, error) {
	fields := strings.Fields(text)
	if len(fields) != 2 {
		return "", errors.New("want DATE N, such as 2026-02-10 15")
	}
	start, err := ParseDate(fields[0])
	if err != nil {
		return "", err
	}
	n, err := strconv.Atoi(fields[1])
	if err != nil || n < 0 || n > maxDays {
		return "", fmt.Errorf("%q is not a number of working days from 0 to %d", fields[1], maxDays)
	}
	return c.Add(start, n).String(), nil
}
