using System.Globalization;
using CovidCxr.Clinic.Comparison;
using CovidCxr.Clinic.Drift;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Statistics.Agreement;
using Microsoft.AspNetCore.WebUtilities;

namespace CovidCxr.Web.Shared.Agreement;

/// <summary>The filter as the query of an address, so that a view can be kept and passed on. What is not understood is no filter.</summary>
static class AgreementAddress
{
    public const string
        Page = "agreement",
        Studies = "agreement/studies",
        References = "agreement/references",
        Export = "agreement/export.csv",
        Discordant = "agreement/discordant",
        Adjudication = "agreement/adjudication",
        Drift = "agreement/drift",
        Arrivals = "agreement/drift/studies",
        Report = "agreement/report",
        Registry = "agreement/assess-ai.csv",
        Policies = "agreement/policies",
        Api = "api/references";

    public static AgreementFilter Read(Func<string, string?> value) => new(
        Date(value("from")),
        Date(value("to")),
        Guid.TryParse(value("reader"), out var reader) ? reader : null,
        Guid.TryParse(value("model"), out var model) ? model : null,
        Parse<ViewPosition>(value("view")),
        Parse<Sex>(value("sex")),
        Parse<ReferencePolicy>(value("reference")) ?? ReferencePolicy.AnyAgreeing,
        Parse<AgeBand>(value("age")),
        Percent(value("prevalence")));

    public static CaseSelection ReadSelection(Func<string, string?> value) => new(
        Parse<Party>(value("first")) is { } first && Parse<Party>(value("second")) is { } second
            ? PartyPair.All.FirstOrDefault(p => p == new PartyPair(first, second))
            : null,
        Cell(value("cell")),
        Parse<SwitchKind>(value("switch")),
        Parse<ReadingArm>(value("arm")));

    public static string Write(string path, AgreementFilter filter, params ReadOnlySpan<(string Name, string? Value)> more)
    {
        Dictionary<string, string?> query = new()
        {
            ["from"] = filter.From?.Iso(),
            ["to"] = filter.To?.Iso(),
            ["reader"] = filter.ReaderId?.ToString(),
            ["model"] = filter.ModelVersionId?.ToString(),
            ["view"] = filter.View?.ToString(),
            ["sex"] = filter.Sex?.ToString(),
            ["reference"] = filter.Reference == ReferencePolicy.AnyAgreeing ? null : filter.Reference.ToString(),
            ["age"] = filter.Age?.ToString(),
            ["prevalence"] = (filter.Prevalence * 100)?.ToString("0.####", CultureInfo.InvariantCulture),
        };
        foreach (var (name, value) in more)
        {
            query[name] = value;
        }

        return QueryHelpers.AddQueryString(path, query.Where(q => !string.IsNullOrEmpty(q.Value)));
    }

    public static string Cell(AgreementFilter filter, PartyPair pair, PairCell cell) =>
        Write(
            Studies,
            filter,
            ("first", pair.First.ToString()),
            ("second", pair.Second.ToString()),
            ("cell", CellNumber(cell).ToString(CultureInfo.InvariantCulture)));

    // People keep these addresses: a cell's number in them stays what it is.
    static int CellNumber(PairCell cell) => cell switch
    {
        PairCell.Both => 0,
        PairCell.OnlyFirst => 1,
        PairCell.OnlySecond => 2,
        PairCell.Neither => 3,
        _ => throw new ArgumentOutOfRangeException(nameof(cell)),
    };

    static PairCell? Cell(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? Enum.GetValues<PairCell>().Where(cell => CellNumber(cell) == number).Select(cell => (PairCell?)cell).SingleOrDefault()
            : null;

    /// <summary>The readings behind a column of the comparison of policies.</summary>
    public static string Arm(AgreementFilter filter, ReadingArm arm) => Write(Studies, filter, ("arm", arm.ToString()));

    /// <summary>The studies behind a bin of the scores' distribution.</summary>
    public static string ScoreBin(AgreementFilter filter, Period period, Guid? version, int bin) =>
        Write(
            Arrivals,
            filter with { From = period.From, To = period.To, ModelVersionId = version },
            ("bin", bin.ToString(CultureInfo.InvariantCulture)));

    /// <summary>The readings behind a week of the run chart.</summary>
    public static string Week(AgreementFilter filter, DateOnly monday) =>
        Write(
            Studies,
            filter with { From = monday, To = monday.AddDays(6) },
            ("first", nameof(Party.Model)),
            ("second", nameof(Party.Blind)));

    public static DateOnly? Date(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null;

    /// <summary>As a share; null for what is not above 0 and below 100.</summary>
    public static double? Percent(string? text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent is > 0 and < 100
            ? percent / 100
            : null;

    public static T? Parse<T>(string? text)
        where T : struct, Enum => Enum.TryParse<T>(text, out var value) && Enum.IsDefined(value) ? value : null;
}
