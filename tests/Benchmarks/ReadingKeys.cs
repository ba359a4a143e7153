using System.Diagnostics;
using System.Globalization;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Imaging.Rendering;
using Microsoft.Data.Sqlite;
using Microsoft.Playwright;

namespace Benchmarks;

/// <summary>
/// A reader who reads blinded first by keys alone, in a window of Chromium: how many keys a film takes, and how long each answer of the
/// page does. Several builds take turns, film by film.
/// </summary>
sealed class ReadingKeys(WebProgram program, IPage page)
{
    // What every first start draws by itself.
    const int Drawn = 12, Side = 1024;

    /// <summary>Milliseconds that a reader looks at the answer, at the least.</summary>
    const int Look = 500;

    const string IsAt = "stage => document.querySelector('.study')?.dataset.stage === stage";

    const string IsNextOffered = "() => document.querySelector('.study[data-stage=None] a[data-key=n]') !== null";

    const string IsOther =
        """
        before => {
          const study = document.querySelector('.study')?.dataset.study;
          return study && study !== before && document.querySelector('#viewer')?.dataset.state === 'ready';
        }
        """;

    int _keys;

    Waits Answer { get; } = new();

    Waits Save { get; } = new();

    Waits Next { get; } = new();

    /// <param name="arguments">How many films; then a CovidCxr.Web.dll each (none for the Release build of the source tree).</param>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var films = int.Parse(arguments[0], CultureInfo.InvariantCulture);
        List<WebProgram> programs = arguments.Count == 1 ? [new()] : [.. arguments.Skip(1).Select(d => new WebProgram(d))];
        try
        {
            foreach (var program in programs)
            {
                await program.StartAsync(cancellation);
                await PrepareAsync(program, films + 2, cancellation);
            }

            using var playwright = await Playwright.CreateAsync();
            await using var browser = await BrowserReaders.LaunchAsync(playwright);
            await using var end = cancellation.Register(() => _ = browser.CloseAsync());
            List<ReadingKeys> readers = [];
            foreach (var program in programs)
            {
                readers.Add(new(program, await BrowserReaders.NewPageAsync(
                    browser, program, await BrowserReaders.SignInAsync(browser, program))));
                await readers[^1].OpenAsync();
            }

            // The first film warms up and is not counted.
            await Task.WhenAll(readers.Select(r => r.ReadAsync(isCounted: false)));
            for (var film = 0; film < films; film++)
            {
                foreach (var reader in readers)
                {
                    await reader.ReadAsync(isCounted: true);
                }
            }

            Print(readers, films);
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

    static void Print(List<ReadingKeys> readers, int films)
    {
        foreach (var (reader, number) in readers.Select((r, i) => (r, i + 1)))
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"program {number}, {reader.Path}: {(double)reader._keys / films:F1} keys a film"));
            foreach (var (what, of) in new (string, Func<ReadingKeys, Waits>)[]
            {
                ("last key to the next film", r => r.Next), ("lock to the model's answer", r => r.Answer), ("save to saved", r => r.Save),
            })
            {
                var (own, first) = (of(reader), of(readers[0]));
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {what}, {own} (x{own.Median / first.Median:F2}, x{own.Percentile95 / first.Percentile95:F2})"));
            }
        }
    }

    string Path => program.Dll;

    /// <summary>Lets the program have so many films with an answer each.</summary>
    static async Task PrepareAsync(WebProgram program, int films, CancellationToken cancellation)
    {
        await WaitForAnswersAsync(program, Drawn, cancellation);
        using var http = await HttpReaders.SignInAsync(program, cancellation);
        for (var seed = 0; seed < films - Drawn; seed++)
        {
            var film = PhantomDrawer.Draw((PhantomKind)(seed % 3), Drawn + 1 + seed, Side, bits: 8);
            await http.UploadAsync(PngEncoder.Encode(film), cancellation);
        }

        await WaitForAnswersAsync(program, Math.Max(films, Drawn), cancellation);
    }

    static async Task WaitForAnswersAsync(WebProgram program, int films, CancellationToken cancellation)
    {
        await using var database = new SqliteConnection($"Data Source={program.Database};Mode=ReadOnly;Pooling=False");
        await database.OpenAsync(cancellation);
        await using var command = database.CreateCommand();
        command.CommandText = "SELECT COUNT(DISTINCT StudyId) FROM Predictions";
        for (var (started, last) = (Stopwatch.GetTimestamp(), 0L); last < films; await Task.Delay(100, cancellation))
        {
            if ((long)(await command.ExecuteScalarAsync(cancellation))! is var now && now > last)
            {
                (started, last) = (Stopwatch.GetTimestamp(), now);
            }
            else if (Stopwatch.GetElapsedTime(started) > 3 * WebProgram.Patience)
            {
                throw new TimeoutException($"Of {films} films {last} got an answer.");
            }
        }
    }

    async Task OpenAsync()
    {
        await page.GotoAsync("/");
        await page.Locator("a.row").First.ClickAsync();
        await page.WaitForFunctionAsync(IsOther, "");
    }

    async Task ReadAsync(bool isCounted)
    {
        var (answer, save, next) = isCounted ? (Answer, Save, Next) : (new Waits(), new Waits(), new Waits());
        var before = _keys;
        await PressAsync("1");
        // Builds differ in what they ask for.
        await PressUnlessChosenAsync("confidence", "Shift+3");
        await answer.MeasureAsync(async () =>
        {
            await PressAsync("Enter");
            await page.WaitForFunctionAsync(IsAt, "Final");
        });
        await PressUnlessChosenAsync("agrees", "y");
        // Nobody judges an answer that is not drawn yet.
        await page.WaitForTimeoutAsync(Look);
        await save.MeasureAsync(async () =>
        {
            await PressAsync("Enter");
            await page.WaitForFunctionAsync(IsNextOffered);
        });
        var study = await page.Locator(".study").GetAttributeAsync("data-study");
        await next.MeasureAsync(async () =>
        {
            await PressAsync("n");
            await page.WaitForFunctionAsync(IsOther, study);
        });
        _keys = isCounted ? _keys : before;
    }

    async Task PressUnlessChosenAsync(string name, string key)
    {
        if (await page.Locator($"input[name={name}]:checked").CountAsync() == 0)
        {
            await PressAsync(key);
        }
    }

    Task PressAsync(string key)
    {
        _keys++;
        return page.Keyboard.PressAsync(key);
    }
}
