using CovidCxr.Domain.Accounts;
using CovidCxr.Platform.Accounts;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using QRCoder;

namespace CovidCxr.Web.Features.Platform.Accounts;

/// <summary>Where a person sets a second factor up, or takes it away.</summary>
public sealed partial class AuthenticatorPage(SecondFactor second) : ComponentBase
{
    string _key = "";
    string? _refusal;
    bool _isOn;
    IReadOnlyList<string> _codes = [];

    [SupplyParameterFromForm]
    public SetUpInput? Input { get; set; }

    [SupplyParameterFromForm]
    public RemovalInput? Removal { get; set; }

    [CascadingParameter]
    public required HttpContext Context { get; set; }

    Actor Actor => Context.User.ToActor();

    MarkupString Picture
    {
        get
        {
            using var generator = new QRCodeGenerator();
            using var data = generator.CreateQrCode(
                SecondFactor.AddressOf(_key, Actor), QRCodeGenerator.ECCLevel.M);
            using var picture = new SvgQRCode(data);
            return (MarkupString)picture.GetGraphic(4);
        }
    }

    protected override async Task OnInitializedAsync()
    {
        _isOn = await second.IsOnAsync(Actor);
        // The key of the picture stays while its code is typed wrong.
        _key = Input?.Key ?? SecondFactor.NewKey();
    }

    async Task SetUpAsync()
    {
        (_refusal, _codes) = await second.SetUpAsync(
            Input?.Password ?? "", Input?.Key ?? "", Input?.Code ?? "", Actor);
        if (_refusal is not null && Input?.Key?.Length != SecondFactor.NewKey().Length)
        {
            _key = SecondFactor.NewKey();
        }
    }

    async Task RemoveAsync()
    {
        _refusal = await second.RemoveOwnAsync(Removal?.Password ?? "", Actor);
        _isOn = _refusal is not null;
        _key = SecondFactor.NewKey();
    }

    public sealed class SetUpInput
    {
        public string? Key { get; set; }

        public string? Code { get; set; }

        public string? Password { get; set; }
    }

    public sealed class RemovalInput
    {
        public string? Password { get; set; }
    }
}
