using Nutanix.Prism.Simulator.Estates;

namespace Nutanix.Prism.Simulator.Stats;

/// <summary>
/// How busy something is at a moment, as a pure function of a key and the seconds since its start. Work comes in jobs of
/// some minutes with pauses between them; inside a job the level wavers slowly and quickly, and a change of job is a ramp.
/// </summary>
internal static class Utilization
{
    private const double RampSeconds = 4;

    /// <summary>GPU use, 0 to 1. The first job begins with the start, so that a new machine soon shows something.</summary>
    public static double Gpu(long key, double seconds)
    {
        var (job, before, ramp) = Job(key, seconds);
        var level = Lerp(Level(key, before), Level(key, job), ramp);
        return Math.Clamp(level + (Waver(key, seconds) * (0.01 + (0.09 * level))), 0, 1);
    }

    /// <summary>Use of the frame buffer, 0 to 1: a job takes its memory at once and gives it back at its end.</summary>
    public static double FrameBuffer(long key, double seconds)
    {
        var (job, before, ramp) = Job(key, seconds);
        var level = Lerp(Memory(key, before), Memory(key, job), ramp);
        return Math.Clamp(level + (0.004 * Waver(key ^ 1, seconds)), 0, 1);
    }

    /// <summary>Something milder that follows the same jobs, such as the CPU that feeds the GPU; 0 to 1.</summary>
    public static double Companion(long key, double seconds, double idle, double busy)
    {
        var (job, before, ramp) = Job(key, seconds);
        var level = Lerp(IsBusy(key, before) ? busy : idle, IsBusy(key, job) ? busy : idle, ramp);
        return Math.Clamp(level * (1 + (0.25 * Waver(key ^ 2, seconds))), 0, 1);
    }

    private static (long Job, long Before, double Ramp) Job(long key, double seconds)
    {
        var length = 240 + (360 * SeededRandom.Unit(key, 1));
        var job = (long)Math.Floor(Math.Max(0, seconds) / length);
        return (job, job - 1, Smooth(Math.Min(1, (Math.Max(0, seconds) - (job * length)) / RampSeconds)));
    }

    private static bool IsBusy(long key, long job) => job == 0 || (job > 0 && SeededRandom.Unit(key, 2, job) < 0.45 + (0.4 * SeededRandom.Unit(key, 3)));

    private static double Level(long key, long job) => job < 0 ? 0 : IsBusy(key, job)
        ? 0.68 + (0.27 * SeededRandom.Unit(key, 4, job))
        : 0.03 * SeededRandom.Unit(key, 5, job);

    private static double Memory(long key, long job) => job < 0 ? 0 : IsBusy(key, job) ? 0.4 + (0.5 * SeededRandom.Unit(key, 6, job)) : 0.02;

    /// <summary>Smooth noise between -1 and 1: three octaves of interpolated random values.</summary>
    private static double Waver(long key, double seconds) =>
        (0.5 * Noise(key, 11, seconds / 45)) + (0.3 * Noise(key, 12, seconds / 9)) + (0.2 * Noise(key, 13, seconds / 2));

    private static double Noise(long key, long octave, double at)
    {
        var index = (long)Math.Floor(at);
        var left = SeededRandom.Unit(key, octave, index);
        var right = SeededRandom.Unit(key, octave, index + 1);
        return (2 * Lerp(left, right, Smooth(at - index))) - 1;
    }

    private static double Lerp(double from, double to, double share) => from + ((to - from) * share);

    private static double Smooth(double x) => x * x * (3 - (2 * x));
}
