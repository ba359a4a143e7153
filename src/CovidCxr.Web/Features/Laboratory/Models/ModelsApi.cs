using CovidCxr.Domain.Accounts;
using CovidCxr.Laboratory.Models;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Gate;
using CovidCxr.Web.Shared.Api;

namespace CovidCxr.Web.Features.Laboratory.Models;

/// <summary>The registered versions of the model for other programs: which one answers, its card and what the gate says of it.</summary>
static class ModelsApi
{
    /// <param name="DataSet">That it was measured on.</param>
    sealed record Gate(GateVerdict Verdict, string Summary, string DataSet, string Part, DateTimeOffset MeasuredAt);

    /// <param name="IsActive">It answers now.</param>
    /// <param name="Gate">The newest judgement first; empty where it has not been judged.</param>
    sealed record Model(
        Guid Id, int Version, string Name, string Architecture, string Sha256, DateTimeOffset RegisteredAt, bool IsActive,
        DateTimeOffset? ActivatedAt, IReadOnlyList<string> Classes, string PositiveClass, double Threshold, string InputSize,
        ModelCard Card, IReadOnlyList<Gate> Gate);

    sealed record ModelList(Guid? ActiveId, IReadOnlyList<Model> Models);

    public static void MapModelsApi(this IEndpointRouteBuilder app) =>
        app.MapApi(ApiScope.ReadModels, "Models").MapGet("/models", ListAsync).WithName("listModels")
            .WithSummary("Every registered version of the model, the newest first.").Produces<ModelList>();

    static async Task<IResult> ListAsync(ListModels list, CancellationToken cancellation)
    {
        var models = await list.RunAsync(actor: null, cancellation);
        return Results.Ok(new ModelList(models.FirstOrDefault(m => m.IsActive)?.Id, [.. models.Select(Of)]));
    }

    static Model Of(ModelView m) => new(
        m.Id, m.Number, m.Name, m.Architecture, m.Sha256, m.RegisteredAt, m.IsActive, m.ActivatedAt, m.Classes, m.PositiveClass,
        m.Threshold, m.InputSize, m.Card,
        [.. m.Gate.Select(g => new Gate(g.Verdict, g.Summary, g.DataSet, g.Part, g.MeasuredAt))]);
}
