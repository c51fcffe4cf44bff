package skills

import (
	"context"

	"nerva/core/api"
	"nerva/core/desk"
)

type convertIn struct {
	Value float64 `json:"value" jsonschema:"the amount"`
	From  string  `json:"from" jsonschema:"its unit or currency, such as km, kg, °F, km/h, m^2, GiB or EUR"`
	To    string  `json:"to" jsonschema:"the unit or currency that is wanted"`
}

func convert(d Deps) ([]*Skill, error) {
	var c collect
	c.add(define(api.Skill{
		ID: "convert", Title: "Convert units and currencies",
		Description: "Converts an amount into another unit or currency. Use it for every conversion instead of doing it " +
			"yourself. Returns the number, and with currencies the day of the exchange rates where they are old; none are fetched.",
		Risk: api.Safe, Effect: api.Observe,
	}, func(ctx context.Context, in convertIn) (desk.Conversion, error) {
		if err := required("from", in.From); err != nil {
			return desk.Conversion{}, err
		}
		if err := required("to", in.To); err != nil {
			return desk.Conversion{}, err
		}
		return d.Desk.Converter.Convert(ctx, in.Value, in.From, in.To)
	}))
	return c.done()
}
