// Mutants: planted bugs that prove that the tests would find them. Listed in docs/mutants.md.
#pragma once

namespace millrace {

/// The planted bug that is switched on for this thread; 0 is none. Tests only, through
/// PlantedMutant: no configuration and no environment reaches it.
inline constinit thread_local int active_mutant = 0;

/// Switches a planted bug on for this thread as long as it lives.
class PlantedMutant {
  public:
    explicit PlantedMutant(int number) { active_mutant = number; }
    ~PlantedMutant() { active_mutant = 0; }
    PlantedMutant(const PlantedMutant&) = delete;
    PlantedMutant& operator=(const PlantedMutant&) = delete;
};

}  // namespace millrace

/// True when planted bug `number` is on: one load and one comparison. Stands only around steps that
/// wait for a disk.
#define MILLRACE_MUTANT(number) (::millrace::active_mutant == (number))
