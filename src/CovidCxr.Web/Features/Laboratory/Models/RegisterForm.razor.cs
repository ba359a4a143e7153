using CovidCxr.Laboratory.Models;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Forms;

namespace CovidCxr.Web.Features.Laboratory.Models;

/// <summary>A model that was trained elsewhere, as the next version.</summary>
public sealed partial class RegisterForm(AcceptModel accept) : ComponentBase
{
    string? _said, _refusal;
    bool _isBusy;

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    [Parameter]
    public EventCallback OnRegistered { get; set; }

    async Task ReadAsync(InputFileChangeEventArgs e)
    {
        (_said, _refusal) = (null, null);
        if (e.File.Size > AcceptModel.MaxBytes)
        {
            _refusal = $"The file is larger than {AcceptModel.MaxBytes >> 20} MB.";
            return;
        }

        (_isBusy, _said) = (true, "Reading and comparing the model…");
        StateHasChanged();
        await using var stream = e.File.OpenReadStream(AcceptModel.MaxBytes);
        var result = await accept.RunAsync(stream, (await Authentication).User.ToActor(), CancellationToken.None);
        _isBusy = false;
        _said = result is AcceptModelResult.Registered registered ? $"Registered as version {registered.Number}." : null;
        _refusal = (result as AcceptModelResult.Refused)?.Message;
        await OnRegistered.InvokeAsync();
    }
}
