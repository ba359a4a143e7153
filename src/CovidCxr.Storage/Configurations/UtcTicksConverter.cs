using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace CovidCxr.Storage.Configurations;

sealed class UtcTicksConverter()
    : ValueConverter<DateTimeOffset, long>(time => time.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
