using System.Globalization;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;

namespace CovidCxr.Web.Features.Reading;

/// <summary>The words of the reading room.</summary>
static class Wording
{
    public static string Words(this Opinion opinion) => opinion switch
    {
        Opinion.Covid19 => "COVID-19",
        Opinion.OtherPneumonia => "Other pneumonia",
        Opinion.OtherFinding => "Other finding",
        Opinion.Normal => "Normal",
        _ => "Indeterminate",
    };

    public static string Words(this ReadingStage stage) => stage switch
    {
        ReadingStage.Blind => "Before the model",
        ReadingStage.Final => "After the model",
        _ => "With the model",
    };

    public static string Letter(this Sex sex) => sex switch
    {
        Sex.Female => "F",
        Sex.Male => "M",
        Sex.Other => "X",
        _ => "–",
    };

    public static string Words(this ViewPosition view) => view == ViewPosition.Unknown ? "view –" : view.ToString();

    public static string Date(this DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static string Share(this double probability) => probability.ToString("0.00", CultureInfo.InvariantCulture);

    public static string Percent(this double share) => (100 * share).ToString("0.##", CultureInfo.InvariantCulture) + "%";
}
