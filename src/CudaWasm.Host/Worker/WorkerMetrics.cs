using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace CudaWasm.Host.Worker;

/// <summary>What the worker counts, in Prometheus' text format (version 0.0.4).</summary>
internal sealed class WorkerMetrics
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly ConcurrentDictionary<(string Tenant, string Result), Counter> _launches = new();
    private readonly ConcurrentDictionary<string, Counter> _rejected = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, Counter> _responses = new();
    private readonly Histogram _duration = new([0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600]);
    private readonly Histogram _wait = new([0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60]);
    private readonly Counter _received = new();
    private readonly Counter _sent = new();
    private readonly Counter _hits = new();
    private readonly Counter _misses = new();
    private readonly Counter _compiledHits = new();
    private readonly Counter _compiledMisses = new();

    private sealed class Counter
    {
        private long _value;

        public long Value => Interlocked.Read(ref _value);

        public void Add(long count) => Interlocked.Add(ref _value, count);
    }

    private sealed class Histogram(double[] bounds)
    {
        private readonly long[] _counts = new long[bounds.Length + 1];
        private readonly Lock _lock = new();
        private double _sum;

        public void Observe(double seconds)
        {
            var bucket = Array.FindIndex(bounds, b => seconds <= b);
            lock (_lock)
            {
                _counts[bucket < 0 ? bounds.Length : bucket]++;
                _sum += seconds;
            }
        }

        public void Write(StringBuilder text, string name)
        {
            lock (_lock)
            {
                long count = 0;
                for (var i = 0; i <= bounds.Length; i++)
                {
                    count += _counts[i];
                    var bound = i == bounds.Length ? "+Inf" : bounds[i].ToString("R", CultureInfo.InvariantCulture);
                    text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{le=\"{bound}\"}} {count}\n");
                }

                text.Append(CultureInfo.InvariantCulture, $"{name}_sum {_sum:R}\n{name}_count {count}\n");
            }
        }
    }

    public void Launched(string tenant, string result, TimeSpan wait, TimeSpan duration)
    {
        _launches.GetOrAdd((tenant, result), _ => new Counter()).Add(1);
        _wait.Observe(wait.TotalSeconds);
        _duration.Observe(duration.TotalSeconds);
    }

    public void Rejected(string reason) => _rejected.GetOrAdd(reason, _ => new Counter()).Add(1);

    public void Responded(int status) => _responses.GetOrAdd(status, _ => new Counter()).Add(1);

    public void Received(long bytes) => _received.Add(bytes);

    public void Sent(long bytes) => _sent.Add(bytes);

    public void CacheHit() => _hits.Add(1);

    public void CacheMiss() => _misses.Add(1);

    /// <summary>A source that was not in memory is now.</summary>
    /// <param name="isFromFolder">Its compiled form was read from the folder.</param>
    public void Compiled(bool isFromFolder) => (isFromFolder ? _compiledHits : _compiledMisses).Add(1);

    /// <summary>All of it, with what is measured only now. Machines without GPUs have no families of them.</summary>
    public string Write(WorkerGauges now, IReadOnlyList<GpuReading> gpus)
    {
        var text = new StringBuilder();
        Head("cuda_wasm_launches_total", "counter", "Launches that reached the device, by how they ended.");
        foreach (var (key, count) in _launches.OrderBy(l => l.Key))
            Line($"cuda_wasm_launches_total{{tenant=\"{key.Tenant}\",result=\"{key.Result}\"}}", count.Value);
        Head("cuda_wasm_launch_duration_seconds", "histogram", "From the start of a launch's first block to the end of its last.");
        _duration.Write(text, "cuda_wasm_launch_duration_seconds");
        Head("cuda_wasm_queue_wait_seconds", "histogram", "What launches waited for the device.");
        _wait.Write(text, "cuda_wasm_queue_wait_seconds");
        Head("cuda_wasm_requests_rejected_total", "counter", "Requests turned away because a limit was reached.");
        foreach (var (reason, count) in _rejected.OrderBy(r => r.Key, StringComparer.Ordinal))
            Line($"cuda_wasm_requests_rejected_total{{reason=\"{reason}\"}}", count.Value);
        Head("cuda_wasm_http_responses_total", "counter", "Answers of the API by status.");
        foreach (var (status, count) in _responses.OrderBy(r => r.Key))
            Line(string.Create(CultureInfo.InvariantCulture, $"cuda_wasm_http_responses_total{{status=\"{status}\"}}"), count.Value);
        One("cuda_wasm_received_bytes_total", "counter", "Bytes of buffers that came in.", _received.Value);
        One("cuda_wasm_sent_bytes_total", "counter", "Bytes of buffers that went out.", _sent.Value);
        One("cuda_wasm_kernel_cache_hits_total", "counter", "Uses of a kernel that was in memory already.", _hits.Value);
        One("cuda_wasm_kernel_cache_misses_total", "counter", "Uses of a kernel that was not in memory.", _misses.Value);
        One("cuda_wasm_compile_cache_hits_total", "counter", "Sources whose compiled form was read from the cache folder.", _compiledHits.Value);
        One("cuda_wasm_compile_cache_misses_total", "counter", "Sources that had to be compiled.", _compiledMisses.Value);
        One("cuda_wasm_queue_length", "gauge", "Launches that wait for the device.", now.QueueLength);
        One("cuda_wasm_launches_running", "gauge", "Launches on the devices.", now.Running);
        One("cuda_wasm_jobs", "gauge", "Jobs that wait or run.", now.Jobs);
        One("cuda_wasm_kernels", "gauge", "Published sources.", now.Kernels);
        One("cuda_wasm_kernels_damaged", "gauge", "Files of the store that were damaged when it was opened.", now.DamagedKernels);
        One("cuda_wasm_device_memory_bytes", "gauge", "Memory promised to buffers.", now.MemoryBytes);
        One("cuda_wasm_device_memory_limit_bytes", "gauge", "Memory that buffers may have.", now.MemoryLimitBytes);
        One("cuda_wasm_process_resident_bytes", "gauge", "Memory of the process.", Environment.WorkingSet);
        Gpus("cuda_wasm_gpu_utilization_ratio", "Share of the time in which a kernel ran on the GPU.", g => g.Utilization);
        Gpus("cuda_wasm_gpu_memory_bytes", "Memory of the GPU.", g => g.MemoryTotal);
        Gpus("cuda_wasm_gpu_memory_used_bytes", "Memory of the GPU in use.", g => g.MemoryUsed);
        Gpus("cuda_wasm_gpu_temperature_celsius", "Temperature of the GPU.", g => g.Temperature);
        Gpus("cuda_wasm_gpu_power_watts", "Power that the GPU draws.", g => g.Power);
        return text.ToString();

        void Gpus(string name, string help, Func<GpuReading, double?> value)
        {
            if (!gpus.Any(g => value(g) is not null)) return;
            Head(name, "gauge", help);
            foreach (var gpu in gpus)
            {
                if (value(gpu) is { } number) text.Append(CultureInfo.InvariantCulture, $"{name}{{gpu=\"{gpu.Index}\",uuid=\"{Label(gpu.Uuid)}\",model=\"{Label(gpu.Name)}\"}} {number:R}\n");
            }
        }

        static string Label(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

        void Head(string name, string type, string help) => text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");

        void Line(string name, long value) => text.Append(CultureInfo.InvariantCulture, $"{name} {value}\n");

        void One(string name, string type, string help, long value)
        {
            Head(name, type, help);
            Line(name, value);
        }
    }
}

/// <summary>The worker's state at one moment.</summary>
internal sealed record WorkerGauges(int QueueLength, int Running, int Jobs, int Kernels, int DamagedKernels, long MemoryBytes, long MemoryLimitBytes);
