using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Clinic.Answers;

static class AnswersRegistration
{
    public static IServiceCollection AddAnswers(this IServiceCollection services) =>
        services.AddSingleton<ReleasedAnswers>().AddSingleton<TellAnswer>().AddSingleton<TellReadings>();
}
