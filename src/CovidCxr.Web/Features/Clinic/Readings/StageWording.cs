using CovidCxr.Domain.Readings;

namespace CovidCxr.Web.Features.Clinic.Readings;

static class StageWording
{
    public static string Words(this ReadingStage stage) => stage switch
    {
        ReadingStage.Blind => "Before the model",
        ReadingStage.Final => "After the model",
        _ => "With the model",
    };
}
