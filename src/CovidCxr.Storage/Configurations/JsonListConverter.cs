using System.Text.Json;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace CovidCxr.Storage.Configurations;

sealed class JsonListConverter<T>() : ValueConverter<IReadOnlyList<T>, string>(
    list => JsonSerializer.Serialize(list, JsonSerializerOptions.Default),
    text => JsonSerializer.Deserialize<List<T>>(text, JsonSerializerOptions.Default)!)
{
    public static ValueComparer<IReadOnlyList<T>> Comparer { get; } = new(
        (a, b) => a!.SequenceEqual(b!), list => list.Count, list => list);
}
