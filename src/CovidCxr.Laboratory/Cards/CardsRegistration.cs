using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Laboratory.Cards;

static class CardsRegistration
{
    public static IServiceCollection AddCards(this IServiceCollection services) => services.AddSingleton<GetReportingItems>();
}
