using System.Globalization;

namespace Benchmarks;

/// <summary>Upload to result over HTTP, of one build or of several side by side.</summary>
static class Uploads
{
    /// <summary>Readers at once, and how many films each of them uploads.</summary>
    public static readonly IReadOnlyList<(int Readers, int Films)> Crowds = [(1, 6), (5, 6), (20, 2)];

    const int Rounds = 4;

    /// <param name="arguments">Readers at once, any number of such numbers (none for all crowds); then a CovidCxr.Web.dll each (none for
    /// the Release build of the source tree).</param>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var wanted = arguments.TakeWhile(a => int.TryParse(a, out _)).Select(a => int.Parse(a, CultureInfo.InvariantCulture)).ToList();
        var dlls = arguments.Skip(wanted.Count).ToList();
        List<WebProgram> programs = dlls.Count == 0 ? [new()] : [.. dlls.Select(d => new WebProgram(d))];
        try
        {
            foreach (var program in programs)
            {
                await program.StartAsync(cancellation);
            }

            await MeasureAsync(programs, [.. Crowds.Where(c => wanted.Count == 0 || wanted.Contains(c.Readers))], cancellation);
            return 0;
        }
        finally
        {
            foreach (var program in programs)
            {
                await program.DisposeAsync();
            }
        }
    }

    static async Task MeasureAsync(
        List<WebProgram> programs, IReadOnlyList<(int Readers, int Films)> crowds, CancellationToken cancellation)
    {
        var sessions = await Task.WhenAll(programs.Select(p => HttpReaders.SignInAsync(p, cancellation)));
        var next = 1;
        foreach (var (readers, each) in crowds)
        {
            var waits = programs.ConvertAll(_ => new Waits());
            // The first round warms up and is not counted.
            for (var round = 0; round <= Rounds; round++)
            {
                var films = BenchmarkFilms.Pngs(next, readers * each);
                next += films.Count;
                for (var i = 0; i < programs.Count; i++)
                {
                    await sessions[i].ReadAsync(readers, films, round == 0 ? new() : waits[i], cancellation);
                }
            }

            for (var i = 0; i < programs.Count; i++)
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{readers,2} readers, program {i + 1}, {waits[i]}, {programs[i].Megabytes} MB resident "
                        + $"(x{waits[i].Median / waits[0].Median:F2}, x{waits[i].Percentile95 / waits[0].Percentile95:F2})"));
            }
        }

        Array.ForEach(sessions, s => s.Dispose());
    }
}
