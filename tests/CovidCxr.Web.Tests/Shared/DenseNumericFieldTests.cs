using Bunit;
using CovidCxr.Web.Shared.Fields;
using MudBlazor.Services;

namespace CovidCxr.Web.Tests.Shared;

public sealed class DenseNumericFieldTests : BunitContext
{
    public DenseNumericFieldTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddMudServices(options => options.PopoverOptions.CheckForPopoverProvider = false);
    }

    [Fact]
    public void Emptied_WhereANumberMustBe_StaysWhatItWas()
    {
        var value = 5;
        var field = Render<DenseNumericField<int>>(p => p.Add(f => f.Label, "Every").Bind(f => f.Value, value, v => value = v));

        field.Find("input").Change("");

        Assert.Equal(5, value);
        field.Find("input").Change("7");
        Assert.Equal(7, value);
    }

    [Fact]
    public void Emptied_WhereNoneMayBe_IsNone()
    {
        int? value = 5;
        var field = Render<DenseNumericField<int?>>(p => p.Add(f => f.Label, "Patience").Bind(f => f.Value, value, v => value = v));

        field.Find("input").Change("");

        Assert.Null(value);
    }
}
