namespace CudaWasm.Runtime.Cpu;

/// <summary>The blocks of a cooperative launch: all run at the same time, each on a thread of its own, and meet at grid barriers.</summary>
internal sealed unsafe class ResidentBlocks
{
    /// <summary>Blocks that wait for each other at grid barriers each need a thread.</summary>
    public const int MaxBlocks = 1024;

    private const int StackBytes = 1024 * 1024;

    private readonly CpuLaunch _launch;
    private readonly BlockSchedule _schedule;
    private readonly BlockRange _range;
    private readonly GridBarrier _barrier;
    private readonly GridTurns? _turns;

    /// <param name="launch">Whose blocks they are.</param>
    /// <param name="schedule">Stops them.</param>
    /// <param name="range">At most <see cref="MaxBlocks"/>.</param>
    /// <param name="inTurn">One block runs at a time, from barrier to barrier.</param>
    public ResidentBlocks(CpuLaunch launch, BlockSchedule schedule, BlockRange range, bool inTurn)
    {
        (_launch, _schedule, _range) = (launch, schedule, range);
        _barrier = new GridBarrier((int)range.Count);
        _turns = inTurn ? new GridTurns((int)range.Count) : null;
    }

    /// <summary>Runs them to their end.</summary>
    public void Run()
    {
        using var done = new CountdownEvent((int)_range.Count);
        for (long i = 0; i < _range.Count; i++)
        {
            var block = i;
            var thread = new Thread(() => Run(block, done), StackBytes) { IsBackground = true, Name = "cuda-wasm block" };
            thread.Start();
        }

        done.Wait();
    }

    private void Run(long block, CountdownEvent done)
    {
        try
        {
            using var memory = new CpuWorkerMemory();
            _launch.Enter(memory);
            try
            {
                using var checker = _launch.CreateChecker(memory);
                var passed = 0;
                _turns?.Wait(block, IsCancelled);
                _launch.RunResident(memory, checker, block, Meet);

                bool IsCancelled() => Volatile.Read(ref memory.Context->Cancel) != 0;

                void Meet()
                {
                    checker?.EndTurn();
                    _turns?.Pass();
                    _barrier.Wait(IsCancelled);
                    _turns?.Wait(block, IsCancelled);
                    checker?.PassGridBarrier(++passed);
                }
            }
            finally
            {
                _launch.Leave(memory);
            }
        }
        catch (Compiler.Targets.Cil.KernelCancelled)
        {
            // Stopped before its turn came.
        }
        catch (Exception e)
        {
            _schedule.Fail(e);
        }
        finally
        {
            _turns?.End(block);
            _barrier.Leave();
            done.Signal();
        }
    }
}
