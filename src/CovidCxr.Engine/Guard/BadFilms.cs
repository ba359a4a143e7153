using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Phantoms;

namespace CovidCxr.Engine.Guard;

/// <summary>
/// Makes pictures that must have no score: good films spoilt, and pictures of nothing. The same seed gives the same picture.
/// </summary>
public static class BadFilms
{
    const int Drawn = 320, Grey = 255;

    /// <summary>A good film, spoilt so that it is of this kind.</summary>
    /// <param name="kind">One that is made of a film: not Frontal, NoChest or Unlike.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another kind.</exception>
    public static GreyImage Spoil(GreyImage film, FilmKind kind, long seed)
    {
        var random = new SplitMix64(seed, (long)kind, 0xBAD);
        return kind switch
        {
            FilmKind.TurnedSideways => random.Below(2) == 0 ? Turned(film, 1) : Turned(film, 3),
            FilmKind.UpsideDown => Turned(film, 2),
            FilmKind.Inverted => film with { Samples = Array.ConvertAll(film.Samples, s => (ushort)(film.MaxSample - s)) },
            FilmKind.CutOff => CutOff(film, random),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No film is spoilt so."),
        };
    }

    /// <summary>A picture that shows no chest: noise, a page, a drawing, a gradient, clouds, a film in pieces, a phantom.</summary>
    /// <param name="film">For the one that is made of a film.</param>
    public static GreyImage Nothing(GreyImage film, long seed)
    {
        var random = new SplitMix64(seed, 0x0D0);
        return random.Below(8) switch
        {
            0 => Of((_, _) => random.NextDouble()),
            1 => Page(random, isDark: random.Below(3) == 0),
            2 => Drawing(random),
            3 => Gradient(random),
            4 => Clouds(random),
            5 => Shuffled(film, random),
            6 => Limb(random),
            _ => PhantomDrawer.Draw((PhantomKind)random.Below(3), random.Below(1 << 20), Drawn, 8),
        };
    }

    /// <param name="quarters">Quarter turns clockwise, 1 to 3.</param>
    static GreyImage Turned(GreyImage film, int quarters)
    {
        var (width, height) = quarters == 2 ? (film.Width, film.Height) : (film.Height, film.Width);
        var samples = new ushort[film.Samples.Length];
        for (var i = 0; i < samples.Length; i++)
        {
            var (y, x) = Math.DivRem(i, width);
            var (row, column) = quarters switch
            {
                1 => (film.Height - 1 - x, y),
                2 => (film.Height - 1 - y, film.Width - 1 - x),
                _ => (x, film.Width - 1 - y),
            };
            samples[i] = film.Samples[(row * film.Width) + column];
        }

        return new(width, height, film.BitsStored, samples);
    }

    // Half or less of the film's height or width stays, or a quarter out of it.
    static GreyImage CutOff(GreyImage film, SplitMix64 random)
    {
        var (width, height) = (film.Width, film.Height);
        switch (random.Below(3))
        {
            case 0:
                width = (int)(width * random.Between(0.35, 0.55));
                break;
            case 1:
                height = (int)(height * random.Between(0.35, 0.5));
                break;
            default:
                (width, height) = ((int)(width * random.Between(0.4, 0.6)), (int)(height * random.Between(0.4, 0.6)));
                break;
        }

        var (left, top) = (random.Below(film.Width - width + 1), random.Below(film.Height - height + 1));
        var samples = new ushort[width * height];
        for (var row = 0; row < height; row++)
        {
            film.Samples.AsSpan(((top + row) * film.Width) + left, width).CopyTo(samples.AsSpan(row * width));
        }

        return new(width, height, film.BitsStored, samples);
    }

    static GreyImage Page(SplitMix64 random, bool isDark)
    {
        var page = new double[Drawn * Drawn];
        Array.Fill(page, 0.95);
        var (line, margin) = (random.Below(8) + 6, random.Below(30) + 10);
        for (var top = margin; top < Drawn - margin; top += line + random.Below(3) + 3)
        {
            for (var x = margin; x < Drawn - margin;)
            {
                var word = random.Below(30) + 4;
                for (var y = top; y < Math.Min(top + (line / 2), Drawn); y++)
                {
                    for (var column = x; column < Math.Min(x + word, Drawn - margin); column++)
                    {
                        page[(y * Drawn) + column] = random.NextDouble() < 0.55 ? 0.1 : 0.9;
                    }
                }

                x += word + random.Below(6) + 3;
            }
        }

        return Of((x, y) => isDark ? 1 - page[(y * Drawn) + x] : page[(y * Drawn) + x]);
    }

    static GreyImage Drawing(SplitMix64 random)
    {
        var ground = random.NextDouble();
        var shapes = Enumerable.Range(0, random.Below(12) + 1).Select(_ => (
            X: random.Between(0, Drawn), Y: random.Between(0, Drawn), Width: random.Between(5, Drawn / 2.0),
            Height: random.Between(5, Drawn / 2.0), Value: random.NextDouble(), IsRound: random.Below(2) == 0)).ToList();
        return Of((x, y) => shapes.FindLast(s =>
        {
            var (u, v) = ((x - s.X) / s.Width, (y - s.Y) / s.Height);
            return s.IsRound ? (u * u) + (v * v) < 1 : Math.Abs(u) < 1 && Math.Abs(v) < 1;
        }) is { Width: > 0 } shape ? shape.Value : ground);
    }

    static GreyImage Gradient(SplitMix64 random)
    {
        var (angle, noise) = (random.Between(0, 2 * Math.PI), random.Between(0, 0.1));
        return Of((x, y) => 0.5 + (((x * Math.Cos(angle)) + (y * Math.Sin(angle))) / Drawn / 3) + (noise * random.Normal()));
    }

    // Noise of every scale, as skies and walls have it.
    static GreyImage Clouds(SplitMix64 random)
    {
        var waves = Enumerable.Range(0, 40).Select(_ => (
            U: random.Normal() * 6, V: random.Normal() * 6, Phase: random.Between(0, 2 * Math.PI))).ToArray();
        return Of((x, y) => 0.5 + waves.Sum(
            w => Math.Sin((((w.U * x) + (w.V * y)) / Drawn * 2 * Math.PI) + w.Phase) / (3 + Math.Abs(w.U) + Math.Abs(w.V)) / 3));
    }

    // A bright bone in grey flesh on black, as hands, arms and legs show.
    static GreyImage Limb(SplitMix64 random)
    {
        var bones = Enumerable.Range(0, random.Below(5) + 1).Select(_ => (
            X: random.Between(0.15, 0.85), Slope: random.Between(-0.4, 0.4), Width: random.Between(0.02, 0.08))).ToArray();
        var flesh = random.Between(0.25, 0.5);
        return Of((x, y) =>
        {
            var (u, v) = (x / (double)Drawn, y / (double)Drawn);
            var nearest = bones.Min(b => Math.Abs(u - (b.X + (b.Slope * (v - 0.5)))) / b.Width);
            return (nearest < 1 ? 0.9 - (0.2 * (1 - nearest)) : nearest < 2.5 ? flesh : 0.03) + (0.02 * random.Normal());
        });
    }

    static GreyImage Shuffled(GreyImage film, SplitMix64 random)
    {
        const int Pieces = 4;
        var (width, height) = (film.Width / Pieces, film.Height / Pieces);
        var order = Enumerable.Range(0, Pieces * Pieces).ToArray();
        random.Shuffle<int>(order);
        var samples = new ushort[width * height * order.Length];
        for (var i = 0; i < samples.Length; i++)
        {
            var (y, x) = Math.DivRem(i, width * Pieces);
            var (pieceRow, pieceColumn) = Math.DivRem(order[(y / height * Pieces) + (x / width)], Pieces);
            samples[i] = film.Samples[(((pieceRow * height) + (y % height)) * film.Width) + (pieceColumn * width) + (x % width)];
        }

        return new(width * Pieces, height * Pieces, film.BitsStored, samples);
    }

    static GreyImage Of(Func<int, int, double> value) => new(
        Drawn, Drawn, 8,
        [.. Enumerable.Range(0, Drawn * Drawn).Select(i => (ushort)(Math.Clamp(value(i % Drawn, i / Drawn), 0, 1) * Grey))]);
}
