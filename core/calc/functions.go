package calc

import (
	"math"
	"math/big"
)

var (
	hundred = big.NewRat(100, 1)
	half    = big.NewRat(1, 2)
)

// constants are as exact as float64.
var constants = map[string]*big.Rat{
	"pi":  new(big.Rat).SetFloat64(math.Pi),
	"e":   new(big.Rat).SetFloat64(math.E),
	"deg": new(big.Rat).SetFloat64(math.Pi / 180),
}

type function struct {
	least, most int // arguments
	usage       string
	call        func([]value) (value, error)
}

// functions by their names; log is the decimal logarithm, with a second argument that to this base.
var functions = map[string]function{
	"abs":   {1, 1, "abs(-2)", exact(func(x *big.Rat) *big.Rat { return new(big.Rat).Abs(x) })},
	"floor": {1, 1, "floor(2.5)", exact(floor)},
	"ceil":  {1, 1, "ceil(2.5)", exact(ceil)},
	"trunc": {1, 1, "trunc(2.5)", exact(trunc)},
	"round": {1, 2, "round(2.567) or round(2.567, 2)", round},
	"min":   {1, 100, "min(1, 2)", func(a []value) (value, error) { return most(a, -1), nil }},
	"max":   {1, 100, "max(1, 2)", func(a []value) (value, error) { return most(a, 1), nil }},
	"sqrt":  {1, 1, "sqrt(2)", sqrt},
	"cbrt":  {1, 1, "cbrt(8)", viaFloat(math.Cbrt, "")},
	"exp":   {1, 1, "exp(1)", viaFloat(math.Exp, "")},
	"ln":    {1, 1, "ln(2)", viaFloat(math.Log, "a logarithm needs a number above zero")},
	"log2":  {1, 1, "log2(8)", viaFloat(math.Log2, "a logarithm needs a number above zero")},
	"log10": {1, 1, "log10(100)", viaFloat(math.Log10, "a logarithm needs a number above zero")},
	"log":   {1, 2, "log(100) or log(8, 2)", logarithm},
	"sin":   {1, 1, "sin(30°)", viaFloat(settled(math.Sin), "")},
	"cos":   {1, 1, "cos(60°)", viaFloat(settled(math.Cos), "")},
	"tan":   {1, 1, "tan(45°)", tan},
	"asin":  {1, 1, "asin(0.5)", viaFloat(math.Asin, "asin needs a number from -1 to 1")},
	"acos":  {1, 1, "acos(0.5)", viaFloat(math.Acos, "acos needs a number from -1 to 1")},
	"atan":  {1, 1, "atan(1)", viaFloat(math.Atan, "")},
}

func exact(f func(*big.Rat) *big.Rat) func([]value) (value, error) {
	return func(a []value) (value, error) { return value{rat: f(a[0].rat)}, nil }
}

// viaFloat goes through float64; why explains a result that is no number.
func viaFloat(f func(float64) float64, why string) func([]value) (value, error) {
	return func(a []value) (value, error) {
		return inFloat(func(x []float64) float64 { return f(x[0]) }, why, a...)
	}
}

func inFloat(f func([]float64) float64, why string, args ...value) (value, error) {
	x := make([]float64, len(args))
	for i, a := range args {
		x[i], _ = a.rat.Float64()
		if math.IsInf(x[i], 0) {
			return value{}, tooLarge()
		}
	}
	switch y := f(x); {
	case math.IsNaN(y), math.IsInf(y, 0) && why != "" && x[0] == 0:
		return value{}, bad("%s; change its argument", why)
	case math.IsInf(y, 0):
		return value{}, tooLarge()
	default:
		return value{new(big.Rat).SetFloat64(y), true}, nil
	}
}

// settled rounds to 15 places, so that sin(pi) is 0 although pi is only nearly pi.
func settled(f func(float64) float64) func(float64) float64 {
	return func(x float64) float64 { return math.Round(f(x)*1e15) / 1e15 }
}

func tan(a []value) (value, error) {
	return viaFloat(func(x float64) float64 {
		if settled(math.Cos)(x) == 0 {
			return math.NaN()
		}
		return settled(math.Tan)(x)
	}, "there is no tangent of a right angle")(a)
}

func logarithm(a []value) (value, error) {
	const why = "a logarithm needs a number above zero and a base above zero that is not 1"
	if len(a) == 1 {
		return viaFloat(math.Log10, why)(a)
	}
	return inFloat(func(x []float64) float64 {
		if x[0] <= 0 || x[1] <= 0 || x[1] == 1 {
			return math.NaN()
		}
		return math.Log(x[0]) / math.Log(x[1])
	}, why, a...)
}

// sqrt is exact for squares of fractions.
func sqrt(a []value) (value, error) {
	x := a[0].rat
	if x.Sign() < 0 {
		return value{}, bad("a negative number has no square root; change the argument of sqrt")
	}
	num, den := new(big.Int).Sqrt(x.Num()), new(big.Int).Sqrt(x.Denom())
	if y := new(big.Rat).SetFrac(num, den); new(big.Rat).Mul(y, y).Cmp(x) == 0 {
		return value{rat: y}, nil
	}
	return viaFloat(math.Sqrt, "")(a)
}

func ceil(x *big.Rat) *big.Rat {
	neg := floor(new(big.Rat).Neg(x))
	return neg.Neg(neg)
}

func trunc(x *big.Rat) *big.Rat {
	if x.Sign() < 0 {
		return ceil(x)
	}
	return floor(x)
}

// round rounds halves away from zero, to a number of decimal places.
func round(a []value) (value, error) {
	places := 0
	if len(a) == 2 {
		p := a[1].rat
		if !p.IsInt() || !p.Num().IsInt64() || max(p.Num().Int64(), -p.Num().Int64()) > 100 {
			return value{}, bad("round takes a whole number of places up to 100; change its second argument")
		}
		places = int(p.Num().Int64())
	}
	x, err := scale(a[0].rat, places)
	if err != nil {
		return value{}, err
	}
	y := new(big.Rat).Abs(x)
	y = floor(y.Add(y, half))
	if x.Sign() < 0 {
		y.Neg(y)
	}
	y, err = scale(y, -places)
	return value{rat: y}, err
}

// most is the largest of the arguments, or with sign -1 the smallest.
func most(a []value, sign int) value {
	best := a[0]
	for _, v := range a[1:] {
		if v.rat.Cmp(best.rat) == sign {
			best = v
		}
	}
	return best
}
