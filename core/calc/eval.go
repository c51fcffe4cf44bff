package calc

import (
	"math"
	"math/big"
)

// maxBits bounds numerators and denominators, maxDigits is the same in decimal digits. The greatest
// common divisor of two such numbers, which each step may need, takes less than a millisecond.
const (
	maxBits   = 1 << 14
	maxDigits = 4900
)

func tooLarge() error {
	return bad("the result is too large or too small to write down; use smaller numbers")
}

// value is a number; approx says that it has been rounded on the way.
type value struct {
	rat    *big.Rat
	approx bool
}

func (n number) eval() (value, error) { return value(n), nil }

func (n unary) eval() (value, error) {
	x, err := n.x.eval()
	if err != nil {
		return x, err
	}
	switch n.op {
	case '-':
		x.rat = new(big.Rat).Neg(x.rat)
	case '%':
		x.rat = new(big.Rat).Quo(x.rat, hundred)
	case '!':
		return factorial(x)
	}
	return bounded(x)
}

func (n binary) eval() (value, error) {
	x, err := n.x.eval()
	if err != nil {
		return x, err
	}
	y, err := n.y.eval()
	if err != nil {
		return y, err
	}
	if p, ok := n.y.(unary); ok && p.op == '%' && (n.op == '+' || n.op == '-') {
		// 80 + 10% means 10% of the 80.
		y.rat = new(big.Rat).Mul(x.rat, y.rat)
	}
	z := value{new(big.Rat), x.approx || y.approx}
	switch n.op {
	case '+':
		z.rat.Add(x.rat, y.rat)
	case '-':
		z.rat.Sub(x.rat, y.rat)
	case '*':
		z.rat.Mul(x.rat, y.rat)
	case '/', '%':
		if y.rat.Sign() == 0 {
			return z, bad("nothing can be divided by zero; change the divisor")
		}
		z.rat.Quo(x.rat, y.rat)
		if n.op == '%' {
			z.rat.Mul(floor(z.rat), y.rat)
			z.rat.Sub(x.rat, z.rat)
		}
	case '^':
		return power(x, y)
	}
	return bounded(z)
}

func (n call) eval() (value, error) {
	args := make([]value, len(n.args))
	approx := false
	for i, a := range n.args {
		v, err := a.eval()
		if err != nil {
			return v, err
		}
		args[i], approx = v, approx || v.approx
	}
	v, err := functions[n.name].call(args)
	if err != nil {
		return v, err
	}
	v.approx = v.approx || approx
	return bounded(v)
}

func bounded(v value) (value, error) {
	if v.rat.Num().BitLen() > maxBits || v.rat.Denom().BitLen() > maxBits {
		return v, tooLarge()
	}
	return v, nil
}

// power is exact for whole exponents.
func power(x, y value) (value, error) {
	approx := x.approx || y.approx
	if !y.rat.IsInt() {
		return inFloat(func(f []float64) float64 { return math.Pow(f[0], f[1]) }, "a negative number has no such power", x, y)
	}
	one := x.rat.IsInt() && x.rat.Num().IsInt64() && max(x.rat.Num().Int64(), -x.rat.Num().Int64()) <= 1
	switch e := y.rat.Num(); {
	case x.rat.Sign() == 0 && e.Sign() < 0:
		return x, bad("nothing can be divided by zero; change the exponent")
	case one: // 0, 1 and -1 stay what they are, however large the exponent
		n := int64(e.Bit(0))
		if e.Sign() != 0 && e.Bit(0) == 0 {
			n = 2
		}
		return value{new(big.Rat).SetInt(new(big.Int).Exp(x.rat.Num(), big.NewInt(n), nil)), approx}, nil
	case !e.IsInt64() || max(e.Int64(), -e.Int64()) > maxBits:
		return x, tooLarge()
	default:
		n := max(e.Int64(), -e.Int64())
		// A power has at least (bits-1)*n bits.
		if int64(max(x.rat.Num().BitLen(), x.rat.Denom().BitLen())-1)*n > maxBits {
			return x, tooLarge()
		}
		exp := big.NewInt(n)
		z := new(big.Rat).SetFrac(new(big.Int).Exp(x.rat.Num(), exp, nil), new(big.Int).Exp(x.rat.Denom(), exp, nil))
		if e.Sign() < 0 {
			z.Inv(z)
		}
		return bounded(value{z, approx})
	}
}

// maxFactorial is the largest whose result is within maxBits.
const maxFactorial = 1700

func factorial(x value) (value, error) {
	if !x.rat.IsInt() || x.rat.Sign() < 0 {
		return x, bad("a factorial needs a whole number that is not negative; change the number before the !")
	}
	if !x.rat.Num().IsInt64() || x.rat.Num().Int64() > maxFactorial {
		return x, tooLarge()
	}
	z := new(big.Int).MulRange(1, x.rat.Num().Int64())
	return bounded(value{new(big.Rat).SetInt(z), x.approx})
}

// scale is x·10^n.
func scale(x *big.Rat, n int) (*big.Rat, error) {
	if max(n, -n) > maxDigits {
		return nil, tooLarge()
	}
	ten := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(n, -n))), nil))
	if n < 0 {
		ten.Inv(ten)
	}
	return ten.Mul(ten, x), nil
}

func floor(x *big.Rat) *big.Rat {
	// Euclidean division rounds down for a positive divisor, which a denominator is.
	return new(big.Rat).SetInt(new(big.Int).Div(x.Num(), x.Denom()))
}
