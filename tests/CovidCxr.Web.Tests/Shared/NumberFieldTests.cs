using Bunit;
using CovidCxr.Web.Shared;
using MudBlazor.Services;

namespace CovidCxr.Web.Tests.Shared;

public sealed class NumberFieldTests : BunitContext
{
    public NumberFieldTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddMudServices();
    }

    [Theory]
    [InlineData("1e-4", 1e-4)]
    [InlineData("2.5E-05", 2.5e-5)]
    [InlineData("0.01", 0.01)]
    [InlineData("-1", -1)]
    public void Change_ToANumber_TakesItAndLeavesItAsItWasWritten(string text, double expected)
    {
        var value = 0.5;
        var field = Render<NumberField>(p => p.Add(f => f.Label, "Rate").Bind(f => f.Value, value, v => value = v));

        field.Find("input").Change(text);

        Assert.Equal(expected, value);
        Assert.Equal((text, "false"), (field.Find("input").GetAttribute("value"), field.Find("input").GetAttribute("aria-invalid")));
    }

    [Fact]
    public void Change_ToNoNumber_KeepsTheTextAndMarksIt()
    {
        var value = 0.5;
        var field = Render<NumberField>(p => p.Add(f => f.Label, "Rate").Bind(f => f.Value, value, v => value = v));

        field.Find("input").Change("fast");

        Assert.Equal(double.NaN, value);
        Assert.Equal(("fast", "true"), (field.Find("input").GetAttribute("value"), field.Find("input").GetAttribute("aria-invalid")));
    }

    [Theory]
    [InlineData(2.5e-5, "2.5e-5")]
    [InlineData(0.79, "0.79")]
    [InlineData(0.01, "0.01")]
    [InlineData(0, "0")]
    public void Render_OfAValue_WritesItAsPeopleDo(double value, string expected) =>
        Assert.Equal(
            expected, Render<NumberField>(p => p.Add(f => f.Label, "Rate").Add(f => f.Value, value)).Find("input").GetAttribute("value"));
}
