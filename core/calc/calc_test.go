package calc

import (
	"math/big"
	"strings"
	"testing"
	"unicode/utf8"

	"nerva/core/api"
)

func TestEval(t *testing.T) {
	for _, c := range []struct{ rule, in, want string }{
		{"a number is itself", "42", "42"},
		{"decimals are exact", "0.1+0.2", "0.3"},
		{"decimals are exact", "1.1*1.1", "1.21"},
		{"products before sums", "2+3*4", "14"},
		{"parentheses first", "(2+3)*4", "20"},
		{"from the left", "10-5-2", "3"},
		{"division is exact", "1/3*3", "1"},
		{"division is exact", "7/2", "3.5"},
		{"twelve digits of what does not end", "1/3", "0.333333333333"},
		{"twelve digits, rounded", "2/3", "0.666666666667"},
		{"a carry through all digits", "0.99999999999999+1/10^30/3", "1"},
		{"a finite fraction in full", "1/1024", "0.0009765625"},
		{"big powers in full", "2^200", "1606938044258990275541962092341162602522202993782792835301376"},
		{"big literals keep their digits", "9007199254740993+0", "9007199254740993"},
		{"whole numbers beyond 120 digits in short", "10^200", "1e200"},
		{"whole numbers beyond 120 digits in short", "2^1000", "1.07150860719e301"},
		{"very small numbers in short", "1/10^20", "1e-20"},
		{"powers from the right", "2^3^2", "512"},
		{"two stars are a power", "2**10", "1024"},
		{"minus binds weaker than a power", "-2^2", "-4"},
		{"parentheses bind the minus", "(-2)^2", "4"},
		{"negative exponents", "2^-1", "0.5"},
		{"negative exponents", "(2/3)^-2", "2.25"},
		{"a power of a negative number", "(-2)^3", "-8"},
		{"0, 1 and -1 take any exponent", "1^99999999999999999999", "1"},
		{"0, 1 and -1 take any exponent", "(-1)^99999999999999999999", "-1"},
		{"0, 1 and -1 take any exponent", "(-1)^2", "1"},
		{"nothing to the power of nothing", "0^0", "1"},
		{"0, 1 and -1 take any exponent", "0^5", "0"},
		{"fractional exponents", "2^0.5", "1.41421356237"},
		{"remainder", "10 % 3", "1"},
		{"remainder", "10 mod 3", "1"},
		{"the remainder has the divisor's sign", "-7 mod 3", "2"},
		{"remainder of fractions", "5.5 % 2", "1.5"},
		{"per cent of", "15% of 80", "12"},
		{"per cent added", "80 + 10%", "88"},
		{"per cent taken off", "80 - 10%", "72"},
		{"per cent as a factor", "200 * 10%", "20"},
		{"per cent alone", "50%", "0.5"},
		{"per cent before a sum", "10% + 5", "5.1"},
		{"per cent of, in a sum", "80 + 10% of 50", "85"},
		{"factorial", "5!", "120"},
		{"factorial before minus", "-3!", "-6"},
		{"factorial of nothing", "0!", "1"},
		{"signs people write", "6 × 7", "42"},
		{"signs people write", "84 ÷ 2", "42"},
		{"signs people write", "6·7 − 0", "42"},
		{"x multiplies", "21 x 2", "42"},
		{"x multiplies", "21x2", "42"},
		{"x multiplies", "(1+2)x(3)", "9"},
		{"hexadecimal is no x", "0x10 x 2", "32"},
		{"binary and octal", "0b101 + 0o17", "20"},
		{"thousands", "1,000 + 1", "1001"},
		{"thousands", "1,234,567.5", "1234567.5"},
		{"thousands", "1_000 * 2", "2000"},
		{"thousands", "1'000 * 2", "2000"},
		{"a comma in a call separates", "max(1,200)", "200"},
		{"but not in parentheses within", "max((1,200), 3)", "1200"},
		{"exponents", "1e3 + 2.5E-1", "1000.25"},
		{"a point first", ".5 + .5", "1"},
		{"a factor without a sign", "2(3+4)", "14"},
		{"a factor without a sign", "(1+2)(3+4)", "21"},
		{"a factor without a sign", "2pi", "6.28318530718"},
		{"a factor without a sign", "2sqrt(16)", "8"},
		{"superscripts", "3² + 2¹⁰", "1033"},
		{"roots", "√16", "4"},
		{"roots", "√(9+16)", "5"},
		{"roots of squares are exact", "sqrt(10^40)", "100000000000000000000"},
		{"roots of squares are exact", "sqrt(4/9)*3", "2"},
		{"roots", "sqrt(2)", "1.41421356237"},
		{"roots", "sqrt(2)^2", "2"},
		{"cube roots", "cbrt(27)", "3"},
		{"rounding", "round(2.5) + round(-2.5)", "0"},
		{"rounding to places", "round(2.567, 2)", "2.57"},
		{"rounding to tens", "round(1234, -2)", "1200"},
		{"down and up", "floor(-2.5) + ceil(-2.5) + trunc(-2.5)", "-7"},
		{"absolute", "abs(-3/4)", "0.75"},
		{"least and most", "min(3, 1, 2) + max(3, 1, 2)", "4"},
		{"sine", "sin(pi)", "0"},
		{"degrees", "sin(30°)", "0.5"},
		{"degrees", "cos(60 deg)", "0.5"},
		{"logarithms", "log(1000)", "3"},
		{"logarithms", "log(8, 2)", "3"},
		{"logarithms", "log2(1024) + log10(100)", "12"},
		{"logarithms", "ln(e)", "1"},
		{"exponential", "exp(0)", "1"},
		{"names in any case", "SQRT(16) + Pi*0", "4"},
		{"large inexact numbers in short", "exp(50)", "5.18470552859e21"},
		{"spaces do not matter", "  1 +\t1 ", "2"},
		{"negative zero is zero", "-0", "0"},
		{"a factor of 100 digits", "1e100", "1" + strings.Repeat("0", 100)},
	} {
		got, err := Eval(c.in)
		if err != nil || got != c.want {
			t.Errorf("%s: %s = %q, %v; want %q", c.rule, c.in, got, err, c.want)
		}
	}
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", "nothing to calculate"},
		{"   ", "nothing to calculate"},
		{"2+", "not finished"},
		{"2+*3", "expected before"},
		{"(2+3", "closing parenthesis"},
		{"2+3)", "not expected"},
		{"2 3", "not expected"},
		{"3 of 4", "not expected"},
		{"1/0", "divided by zero"},
		{"1%0", "divided by zero"},
		{"0^-1", "divided by zero"},
		{"5 mod (1-1)", "divided by zero"},
		{"sqrt(-1)", "no square root"},
		{"(-8)^(1/3)", "no such power"},
		{"ln(0)", "above zero"},
		{"log(-1)", "above zero"},
		{"log(2, 1)", "not 1"},
		{"asin(2)", "from -1 to 1"},
		{"tan(90°)", "right angle"},
		{"(-1)!", "factorial"},
		{"2.5!", "factorial"},
		{"9^9^9^9", "too large"},
		{"9^9^9", "too large"},
		{"99999!", "too large"},
		{"3!!!!", "too large"},
		{"1e999999999999999999999", "too large"},
		{"1e4000 * 1e4000", "too large"},
		{"exp(10000)", "too large"},
		{"0.5^99999", "too large"},
		{"foo + 1", "not known"},
		{"sqrt 4", "parentheses"},
		{"sqrt()", "expected before"},
		{"sqrt(1, 2)", "try sqrt(2)"},
		{"round(1, 0.5)", "whole number of places"},
		{"1.2.3", "not a number"},
		{"1,5 + 1", "comma"},
		{"0,125", "comma"},
		{"1,0000", "comma"},
		{"0b102", "base"},
		{"2 $ 3", "does not belong"},
		{"2 = 3", "does not belong"},
		{"\xff\xfe", "not text"},
		{strings.Repeat("(", 500) + "1", "nests deeper"},
		{strings.Repeat("-", 500) + "1", "nests deeper"},
		{strings.Repeat("√", 300) + "1", "nests deeper"},
		{strings.Repeat("1+", 600) + "1", "longer than"},
	} {
		got, err := Eval(c.in)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Eval(%.40q) = %q, %v; want an error with %q", c.in, got, err, c.want)
		}
		if api.CodeOf(err) != api.InvalidInput {
			t.Errorf("Eval(%.40q): code %s", c.in, api.CodeOf(err))
		}
	}
}

func TestLooks(t *testing.T) {
	for _, s := range []string{
		"2+2", "21*2", "21 x 2", "1/3", "2^10", "15% of 80", "80 + 10%", "sqrt(2)", "(1+2)", "5!", "-3+4", "2(3)",
		"1,000 * 3", "1/0", "100-20", "√16", "24/7", "10 - 5 - 2", " 1 + 1 ", "2pi",
	} {
		if !Looks(s) {
			t.Errorf("%q is an expression", s)
		}
	}
	for _, s := range []string{
		"", "2024", "-5", "50%", "3.14", "1e5", "foo-bar", "c++", "1.2.3", "2024-11-05", "2024-11", "5/11/2024",
		"2024/11/05", "+49 170 1234567", "+49-170-1234567", "0170-1234567", "030/123456", "555-1234", "555-123-4567",
		"978-3-16-148410-0", "192.168.0.1", "10.0.0.0/8", "12:30", "16:9", "pi", "e", "e-e", "firefox", "e-mail",
		"2+", "2+foo", "i7-9700", "4k", "3d", "mp3", "7zip", "(5)", "1,000", "0xff", "#1", "a*b", "max", "log",
	} {
		if Looks(s) {
			t.Errorf("%q is no expression", s)
		}
	}
}

func TestInstantAnswersExpressionsOnly(t *testing.T) {
	got := Instant(" 6*7 ")
	if len(got) != 1 {
		t.Fatalf("%d answers", len(got))
	}
	r := got[0]
	if r.ID != "calc:6*7" || r.Kind != api.KindCalc || r.Title != "42" || r.Subtitle != "6*7" ||
		len(r.Actions) == 0 || r.Actions[0].ID != "copy" {
		t.Errorf("%+v", r)
	}
	for _, s := range []string{"", "firefox", "1/0", "2024", "9^9^9^9", strings.Repeat("1+", 150) + "1"} {
		if got := Instant(s); len(got) != 0 {
			t.Errorf("%.20q is answered with %q", s, got[0].Title)
		}
	}
}

// FuzzEval holds that no text panics or hangs, that an error is a sentence, and that a result can be read
// again and is written the same way then.
func FuzzEval(f *testing.F) {
	for _, s := range []string{
		"1+1", "2^200", "1,000", "max(1,2)", "15% of 80", "0x1f", "√2", "3²", "9^9^9", "1e-9", "(", "-2^2", "5!!", "1/3e4",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		Looks(s)
		got, err := Eval(s)
		if err != nil {
			if !utf8.ValidString(err.Error()) || strings.ContainsAny(err.Error(), "\n\x00") || err.Error() == "" {
				t.Errorf("error %q", err)
			}
			return
		}
		again, err := Eval(got)
		if err != nil || again != got {
			t.Errorf("%q = %q, which reads as %q, %v", s, got, again, err)
		}
	})
}

// FuzzSum holds sums and products of decimals against big.Rat's own reading of them.
func FuzzSum(f *testing.F) {
	f.Add(int64(1), int64(2))
	f.Add(int64(-5), int64(1<<62))
	f.Fuzz(func(t *testing.T, a, b int64) {
		write := func(n int64) string { return new(big.Rat).SetFrac64(n, 1000).FloatString(3) }
		x, y := big.NewRat(a, 1000), big.NewRat(b, 1000)
		for op, want := range map[string]*big.Rat{"+": new(big.Rat).Add(x, y), "*": new(big.Rat).Mul(x, y)} {
			n, err := parse("(" + write(a) + ")" + op + "(" + write(b) + ")")
			if err != nil {
				t.Fatal(err)
			}
			if got, err := n.eval(); err != nil || got.rat.Cmp(want) != 0 {
				t.Errorf("%s %s %s = %v, %v", write(a), op, write(b), got, err)
			}
		}
	})
}
