package calc

import (
	"fmt"
	"math/big"
	"strings"
)

const (
	maxInteger  = 120 // digits up to which a whole number is written in full
	maxExact    = 18  // digits up to which a finite decimal fraction is
	significant = 12  // digits of everything else
	// Powers of ten between which no exponent is written.
	plainFrom, plainBelow = -6, 15
)

// String writes v for people, in a form that can be read again.
func (v value) String() string {
	if v.rat.Sign() == 0 {
		return "0"
	}
	if !v.approx {
		if s, ok := exactly(v.rat); ok {
			return s
		}
	}
	return rounded(v.rat)
}

// exactly writes whole numbers and finite fractions that are short enough.
func exactly(x *big.Rat) (string, bool) {
	if x.IsInt() {
		s := x.Num().String()
		return s, len(strings.TrimPrefix(s, "-")) <= maxInteger
	}
	places, finite := x.FloatPrec()
	if !finite || places > maxExact {
		return "", false
	}
	s := x.FloatString(places)
	return s, len(strings.TrimLeft(s, "-0.")) <= maxExact+1 && exponent(x) >= plainFrom
}

// exponent is the power of ten of the first digit of x, which is not 0.
func exponent(x *big.Rat) int {
	abs := new(big.Rat).Abs(x)
	// log10(2) is 0.30103; the guess is at most one off.
	e := int(float64(abs.Num().BitLen()-abs.Denom().BitLen()) * 0.30103)
	for below(abs, e) {
		e--
	}
	for !below(abs, e+1) {
		e++
	}
	return e
}

// below says whether x < 10^e.
func below(x *big.Rat, e int) bool {
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(e, -e))), nil)
	if e >= 0 {
		return x.Cmp(new(big.Rat).SetInt(ten)) < 0
	}
	return x.Cmp(new(big.Rat).SetFrac(big.NewInt(1), ten)) < 0
}

// rounded writes the significant digits of x without trailing zeros.
func rounded(x *big.Rat) string {
	e := exponent(x)
	shift := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(significant-1-e, e-significant+1))), nil)
	scaled := new(big.Rat).SetInt(shift)
	if significant-1-e < 0 {
		scaled.Inv(scaled)
	}
	digits := scaled.Mul(scaled, new(big.Rat).Abs(x)).FloatString(0)
	if len(digits) > significant { // 9.99… became 10.0…
		e++
	}
	digits = strings.TrimRight(digits, "0")
	sign := ""
	if x.Sign() < 0 {
		sign = "-"
	}
	switch {
	case e < plainFrom || e >= plainBelow:
		if len(digits) > 1 {
			digits = digits[:1] + "." + digits[1:]
		}
		return fmt.Sprintf("%s%se%d", sign, digits, e)
	case e < 0:
		return sign + "0." + strings.Repeat("0", -e-1) + digits
	case len(digits) <= e+1:
		return sign + digits + strings.Repeat("0", e+1-len(digits))
	default:
		return sign + digits[:e+1] + "." + digits[e+1:]
	}
}
