using System.Globalization;
using CovidCxr.Learning.Checkpoints;

namespace CovidCxr.Cli.Commands;

/// <summary>Figures with their intervals, a heading per part, and what a reader must know about them.</summary>
static class FigurePrinter
{
    public static void Print(IReadOnlyList<MeasuredFigure> figures, IReadOnlyList<string> statements)
    {
        foreach (var part in figures.GroupBy(f => f.Part))
        {
            Console.WriteLine(part.Key);
            foreach (var f in part)
            {
                var interval = f.Lower is null ? "" : $"{Number(f.Lower)} to {Number(f.Upper)}";
                Console.WriteLine($"  {f.Name,-40}{Number(f.Value)}  {interval,-18}  n = {f.Count}, {f.Method}");
            }
        }

        foreach (var statement in statements)
        {
            Console.WriteLine(statement);
        }

        Console.WriteLine("Decision support, never a diagnosis.");
    }

    static string Number(double? value) => value?.ToString("F4", CultureInfo.InvariantCulture) ?? "–";
}
