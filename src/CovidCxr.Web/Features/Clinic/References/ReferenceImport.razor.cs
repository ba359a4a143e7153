using CovidCxr.Clinic.References;
using CovidCxr.Learning.Data;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Forms;

namespace CovidCxr.Web.Features.Clinic.References;

/// <summary>A file of references: first what it would do, then doing exactly that.</summary>
public sealed partial class ReferenceImport(ImportReferences import) : ComponentBase
{
    const int MostLines = 500;

    string? _csv;
    ReferencePlan? _plan;
    string? _said;

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    async Task ReadAsync(InputFileChangeEventArgs e)
    {
        (_plan, _csv) = (null, null);
        if (e.File.Size > ReferenceCsv.MaxBytes)
        {
            _said = $"The file is larger than {ReferenceCsv.MaxBytes / 1024 / 1024} MB.";
            return;
        }

        try
        {
            await using var stream = e.File.OpenReadStream(ReferenceCsv.MaxBytes);
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes);
            if (ReferenceCsv.Refusal(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)) is { } refusal)
            {
                _said = refusal;
                return;
            }

            _csv = TableText.Decode(bytes.ToArray());
        }
        catch (IOException)
        {
            _said = "The file could not be read. Choose it again.";
            return;
        }

        _said = null;
        await PreviewAsync();
    }

    Task AnswerAsync(string column, DayOrder order)
    {
        _said = null;
        return PreviewAsync(_plan!.Orders.With(column, order));
    }

    async Task PreviewAsync(DayOrders? orders = null)
    {
        var plan = await import.PreviewAsync(_csv!, (await Authentication).User.ToActor(), CancellationToken.None, orders);
        (_plan, _said) = plan.Error is null ? (plan, _said) : (null, plan.Error);
    }

    async Task ImportAsync()
    {
        var plan = _plan!;
        _said = await import.RunAsync(_csv!, plan, (await Authentication).User.ToActor(), CancellationToken.None) ?? "Imported.";
        await PreviewAsync(plan.Orders);
    }

    static int Changes(ReferencePlan plan) => plan.Of(ReferenceOutcome.New) + plan.Of(ReferenceOutcome.Replaces);

    static string Words(ReferencePlan plan) =>
        $"{plan.Of(ReferenceOutcome.New)} new · {plan.Of(ReferenceOutcome.Replaces)} replace what stands · "
        + $"{plan.Of(ReferenceOutcome.Known)} known · {plan.Of(ReferenceOutcome.Refused)} refused";
}
