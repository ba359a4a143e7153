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

    /// <summary>
    /// A picture that shows no chest from the front: noise, a page, a drawing, a gradient, clouds, a film in pieces, a limb, a scene as
    /// photographs have it, cells, a pattern, a slice through a body, a fan of echoes, a screen with a film or two on it, a phantom.
    /// </summary>
    /// <param name="film">For those that are made of a film.</param>
    public static GreyImage Nothing(GreyImage film, long seed)
    {
        var random = new SplitMix64(seed, 0x0D0);
        return random.Below(15) switch
        {
            0 => Of((_, _) => random.NextDouble()),
            1 => Page(random, isDark: random.Below(3) == 0),
            2 => Drawing(random),
            3 => Gradient(random),
            4 => Clouds(random),
            5 => Shuffled(film, random),
            6 => Limb(random),
            7 => Scene(random),
            8 => Cells(random),
            9 => Pattern(random),
            10 => Slice(random),
            11 => Fan(random),
            12 or 13 => Screen(film, random),
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

    // Things of every size that hide each other, each shaded and textured, a few blurred: photographs have the same statistics
    // ("dead leaves": Lee, Mumford, Huang, Int. J. Computer Vision 41, 2001).
    static GreyImage Scene(SplitMix64 random)
    {
        var scene = new double[Drawn * Drawn];
        var things = random.Below(250) + 30;
        for (var i = 0; i < things; i++)
        {
            // Radius with density r^-3 between 6 and 200 pixels: the largest lie below, the smallest are many.
            var radius = 1 / Math.Sqrt((random.NextDouble() / 36) + (1.0 / 40_000));
            var (x, y, aspect) = (random.Between(0, Drawn), random.Between(0, Drawn), random.Between(0.4, 1));
            var (turn, value, isRound) = (random.Between(0, Math.PI), random.NextDouble(), random.Below(2) == 0);
            var (shade, grain) = (random.Between(-0.3, 0.3), random.Between(0, 0.06));
            var (cos, sin) = (Math.Cos(turn), Math.Sin(turn));
            for (var row = (int)Math.Max(0, y - radius); row < Math.Min(Drawn, y + radius); row++)
            {
                for (var column = (int)Math.Max(0, x - radius); column < Math.Min(Drawn, x + radius); column++)
                {
                    var (u, v) = ((column - x) / radius, (row - y) / radius);
                    (u, v) = ((u * cos) + (v * sin), ((v * cos) - (u * sin)) / aspect);
                    if (isRound ? (u * u) + (v * v) < 1 : Math.Abs(u) < 0.7 && Math.Abs(v) < 0.7)
                    {
                        scene[(row * Drawn) + column] = value + (shade * u) + (grain * random.Normal());
                    }
                }
            }
        }

        return Of((x, y) => scene[(y * Drawn) + x]);
    }

    // Bright ground, darker bodies of nearly one size with a dark kernel, as a stained section under the microscope; or its negative.
    static GreyImage Cells(SplitMix64 random)
    {
        var (ground, body, kernel) = (random.Between(0.6, 0.95), random.Between(0.4, 0.7), random.Between(0.05, 0.4));
        var (size, isNegative, grain) = (random.Between(5, 40), random.Below(2) == 0, random.Between(0.01, 0.08));
        var cells = Enumerable.Range(0, (int)(random.Between(0.5, 2.5) * Drawn * Drawn / (size * size * 4))).Select(_ => (
            X: random.Between(0, Drawn), Y: random.Between(0, Drawn), Radius: size * random.Between(0.7, 1.4),
            Share: random.Between(0.2, 0.6))).ToArray();
        var picture = new double[Drawn * Drawn];
        Array.Fill(picture, ground);
        foreach (var (x, y, radius, share) in cells)
        {
            for (var row = (int)Math.Max(0, y - radius); row < Math.Min(Drawn, y + radius); row++)
            {
                for (var column = (int)Math.Max(0, x - radius); column < Math.Min(Drawn, x + radius); column++)
                {
                    var distance = Math.Sqrt(((column - x) * (column - x)) + ((row - y) * (row - y))) / radius;
                    ref var value = ref picture[(row * Drawn) + column];
                    value = distance < share ? kernel : distance < 1 ? Math.Min(value, body) : value;
                }
            }
        }

        return Of((x, y) =>
        {
            var value = picture[(y * Drawn) + x] + (grain * random.Normal());
            return isNegative ? 1 - value : value;
        });
    }

    // Dots, stripes or squares of one size, turned.
    static GreyImage Pattern(SplitMix64 random)
    {
        var (turn, size, kind) = (random.Between(0, Math.PI), random.Between(4, 120), random.Below(3));
        var (low, high, soft) = (random.Between(0, 0.5), random.Between(0.5, 1), random.Below(2) == 0);
        var (cos, sin) = (Math.Cos(turn) * 2 * Math.PI / size, Math.Sin(turn) * 2 * Math.PI / size);
        return Of((x, y) =>
        {
            var (u, v) = (Math.Sin((x * cos) + (y * sin)), Math.Sin((y * cos) - (x * sin)));
            var wave = kind switch { 0 => u, 1 => u * v, _ => Math.Min(u, v) };
            return low + ((high - low) * (soft ? (wave + 1) / 2 : wave > 0 ? 1 : 0));
        });
    }

    // A slice across a body, as computed tomography shows it: a grey ellipse on black with two dark lungs, a heart and a spine.
    static GreyImage Slice(SplitMix64 random)
    {
        var (width, height) = (random.Between(0.34, 0.48), random.Between(0.25, 0.38));
        var (flesh, air, bone) = (random.Between(0.4, 0.8), random.Between(0, 0.25), random.Between(0.8, 1));
        var (lung, apart, heart) = (random.Between(0.35, 0.5), random.Between(0.42, 0.52), random.Between(0.1, 0.35));
        double Ellipse(double u, double v, double x, double y, double a, double b) =>
            Math.Pow((u - x) / a, 2) + Math.Pow((v - y) / b, 2);
        return Of((x, y) =>
        {
            var (u, v) = (((x / (double)Drawn) - 0.5) / width, ((y / (double)Drawn) - 0.5) / height);
            var value = Ellipse(u, v, 0, 0, 1, 1) > 1 ? 0
                : Ellipse(u, v, 0, 0.75, 0.14, 0.18) < 1 ? bone
                : Ellipse(u, v, 0.15, -0.2, heart, heart * 1.2) < 1 ? flesh
                : Ellipse(u, v, -apart, 0, lung * 0.85, lung * 1.5) < 1 || Ellipse(u, v, apart, 0, lung * 0.85, lung * 1.5) < 1 ? air
                : flesh;
            return value + (0.03 * random.Normal());
        });
    }

    // A sector of speckle on black, as ultrasound shows it.
    static GreyImage Fan(SplitMix64 random)
    {
        var (half, reach, fade) = (random.Between(0.4, 0.9), random.Between(0.7, 1), random.Between(0.2, 1.5));
        var spots = Enumerable.Range(0, random.Below(8) + 2).Select(_ => (
            X: random.Between(-0.4, 0.4), Y: random.Between(0.2, 0.9), Size: random.Between(0.03, 0.2), Value: random.Between(-0.5, 0.6)))
            .ToArray();
        return Of((x, y) =>
        {
            var (u, v) = ((x / (double)Drawn) - 0.5, y / (double)Drawn);
            var far = Math.Sqrt((u * u) + (v * v));
            return Math.Abs(Math.Atan2(u, v)) > half || far > reach || far < 0.05 ? 0 : Math.Abs(random.Normal()) * Math.Exp(-fade * far)
                * (0.35 + spots.Sum(s => Math.Pow((u - s.X) / s.Size, 2) + Math.Pow((v - s.Y) / s.Size, 2) < 1 ? s.Value * 0.5 : 0));
        });
    }

    // A program's window with films in it, as a picture of the screen shows them: strips of buttons, panels of writing, a ground between.
    static GreyImage Screen(GreyImage film, SplitMix64 random)
    {
        var screen = new double[Drawn * Drawn];
        void Fill(double left, double top, double width, double height, Func<int, int, double> value)
        {
            for (var y = (int)Math.Max(0, top); y < Math.Min(Drawn, top + height); y++)
            {
                for (var x = (int)Math.Max(0, left); x < Math.Min(Drawn, left + width); x++)
                {
                    screen[(y * Drawn) + x] = value(x, y);
                }
            }
        }

        var isDark = random.Below(3) > 0;
        var (ground, ink) = isDark ? (random.Between(0, 0.2), random.Between(0.5, 1)) : (random.Between(0.8, 1), random.Between(0, 0.4));
        var (panel, strip) = (random.Between(0.15, 0.4) * Drawn, random.Between(0.04, 0.15) * Drawn);
        var (films, isPanelLeft) = (random.Below(3) == 0 ? 2 : 1, random.Below(2) == 0);
        var panelGround = Math.Clamp(ground + random.Between(-0.1, 0.1), 0, 1);
        Fill(0, 0, Drawn, Drawn, (_, _) => ground);
        var (left, room) = (isPanelLeft ? panel : 0, Drawn - panel);
        for (var i = 0; i < films; i++)
        {
            var width = room / films * random.Between(0.75, 0.98);
            var height = Math.Min((Drawn - strip) * 0.98, width * random.Between(0.8, 1.25));
            var (x0, y0) = (left + (room / films * (i + 0.5)) - (width / 2), strip + ((Drawn - strip - height) / 2));
            Fill(x0, y0, width, height, (x, y) => MeanAt(film, (x - x0) / width, (y - y0) / height, 1 / width, 1 / height));
        }

        Fill(isPanelLeft ? 0 : room, 0, panel, Drawn, (_, _) => panelGround);
        Fill(0, 0, Drawn, strip, (_, _) => panelGround);
        for (var x = random.Between(4, 12); x < Drawn; x += random.Between(8, 40))
        {
            Fill(x, strip * 0.3, random.Between(4, 20), strip * 0.4, (_, _) => random.NextDouble() < 0.6 ? ink : panelGround);
        }

        var from = isPanelLeft ? 0 : room;
        for (double y = strip + 6; y < Drawn - 8; y += random.Between(6, 16))
        {
            var share = random.Between(0.2, 0.95);
            Fill(from + 5, y, (panel - 10) * share, random.Between(2, 5), (_, _) => random.NextDouble() < 0.55 ? ink : panelGround);
        }

        return Of((x, y) => screen[(y * Drawn) + x]);
    }

    // The mean of the film's samples under one pixel of a smaller picture, 0 to 1; all arguments are shares of the film's sides.
    static double MeanAt(GreyImage film, double x, double y, double width, double height)
    {
        var (left, top) = ((int)(x * film.Width), (int)(y * film.Height));
        var (right, bottom) = ((int)Math.Ceiling((x + width) * film.Width), (int)Math.Ceiling((y + height) * film.Height));
        var (sum, count) = (0.0, 0);
        for (var row = Math.Max(top, 0); row < Math.Min(bottom, film.Height); row++)
        {
            for (var column = Math.Max(left, 0); column < Math.Min(right, film.Width); column++, count++)
            {
                sum += film.Samples[(row * film.Width) + column];
            }
        }

        return count == 0 ? 0 : sum / count / film.MaxSample;
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
