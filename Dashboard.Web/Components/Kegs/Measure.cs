namespace Dashboard.Web.Components.Kegs;

/// <summary>A field of a form in the visitor's unit, for what the API takes in mL or g.</summary>
/// <param name="unit">What one of the visitor's unit is, in mL or g.</param>
internal sealed class Measure(decimal unit)
{
    private decimal? _value;
    private string? _shown;

    /// <summary>What the field holds, as an input of the browser has it.</summary>
    public string? Text { get; set; }

    /// <summary>The same in mL or g; null where the field is empty.</summary>
    /// <remarks>What nobody has changed is what it was, though the field shows it with a few decimals only: 30 L are no round number of gallons.</remarks>
    public decimal? Value
    {
        get => Text == _shown ? _value : KegWords.Number(Text) * unit;
        set
        {
            _value = value;
            Text = _shown = KegWords.Input(value / unit);
        }
    }
}
