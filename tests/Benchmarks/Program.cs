using System.Runtime.InteropServices;
using BenchmarkDotNet.Running;
using Benchmarks;
using CovidCxr.Imaging.Isolation;

// What was started is ended, also when this is.
using var cancelled = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

// Each measures interleaved: one turn of every contestant, then the next turn; printed are medians and their ratios.
return args.FirstOrDefault() switch
{
    "scan" => Scan(args.Skip(1)),
    "inference" => Inference.Run(Names(args)),
    "serving" => await Serving.RunAsync(cancelled.Token),
    "floor" => Floor.Run(),
    "training" => TrainingStep.Run(Names(args)),
    "precision" => await Precisions.RunAsync(Names(args)),
    "program" => await RunningProgram.RunAsync(args.ElementAtOrDefault(1), cancelled.Token),
    "uploads" => await Uploads.RunAsync(args[1..], cancelled.Token),
    "decoders" => Decoders.Run(),
    DecoderWorker.Argument => DecoderWorker.Run(args[1], args[2], Console.OpenStandardInput(), Console.OpenStandardOutput()),
    "hostile" => await Hostile.RunAsync(args[1..], cancelled.Token),
    "soak" => await Soak.RunAsync(args[1..], cancelled.Token),
    "browser" => await BrowserReaders.RunAsync(args.ElementAtOrDefault(1), cancelled.Token),
    "keys" when args.Length > 1 => await ReadingKeys.RunAsync(args[1..], cancelled.Token),
    "worklist" => await Worklist.RunAsync(),
    "agreement" => await Agreement.RunAsync(),
    "ingest" => await Ingest.RunAsync(args.ElementAtOrDefault(1), cancelled.Token),
    "fallback" => await Fallback.RunAsync(),
    _ => Usage(),
};

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    cancelled.Cancel();
}

// DenseNet121 as the table writes it, or as the catalogue does.
static List<string> Names(string[] args) => [.. args.Skip(1).Select(a => a.ToLowerInvariant())];

static int Scan(IEnumerable<string> choice)
{
    BenchmarkSwitcher.FromAssembly(typeof(ScanBenchmarks).Assembly).Run([.. choice.DefaultIfEmpty("--filter=*")]);
    return 0;
}

static int Usage()
{
    Console.Error.WriteLine(
        """
        dotnet run -c Release --project tests/Benchmarks -- NAME
          scan [--filter=PATTERN]             decode, preprocess, forward with and without heat map (BenchmarkDotNet)
          inference [NETWORK SIZE BATCH]      ours, TorchSharp and PyTorch (with python3-torch), with heat map
          serving                             a film with lungs, guard, severity and heat maps against the network alone
          floor                               multiply-adds per second against this machine's matrix product
          training [NETWORK...]               one training step of 16 images at 224 against PyTorch
          precision [NETWORK SIZE BATCH]      time and GPU memory of a training step by precision, against PyTorch's autocast
          program [WEB.DLL]                   start-up, upload to result with 1, 5 and 20 readers and beside a training, memory
          uploads [READERS...] [WEB.DLL...]   upload to result alone, of several builds side by side
          decoders                            a film decoded in this process and in one of its own
          hostile FILES [CGROUP]              upload to result alone and beside hostile files, in a control group of its own
          soak MINUTES READERS                readers at work: answers of 5xx, and how fast memory grows
          browser [WEB.DLL]                   file chosen to row ready in a window of Chromium per reader, 1, 5 and 20 of them
          keys FILMS [WEB.DLL...]             films read blinded first by keys in Chromium, of several builds side by side
          worklist                            server time of the worklist and of a study among 100,000
          agreement                           server time of the agreement page of 100,000 studies with three readers each
          ingest [FILMS]                      films by C-STORE against Orthanc, and from C-STORE to answer and to results in an archive
          fallback                            the check on golden films that fails, until the version before serves
        """);
    return 2;
}
