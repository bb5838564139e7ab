// Thermo-Calc databases written here, against Redlich-Kister parameters and energies worked out by hand.
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include "spinode/error.hpp"
#include "spinode/thermo/free_energy.hpp"
#include "spinode/thermo/tdb.hpp"
#include "support.hpp"

using namespace spinode;

namespace {

// Li-Na liquid (Zhang, Shin, Liu 2003), in the manner of published files.
const std::string li_na =
    R"($ Li-Na !
 ELEMENT /-   ELECTRON_GAS   0.0  0.0  0.0 !
 ELEMENT VA   VACUUM         0.0  0.0  0.0 !
 ELEMENT LI   BCC_A2         6.941  4.6E+03  29.1 !
 ELEMENT NA   BCC_A2        22.990  6.4E+03  51.3 !
$
 FUNCTION GHSERLI   200 -10583.817+217.637482*T-38.940488*T*LN(T)
      +35.466931E-3*T**2-19.869816E-6*T**3+159994*T**(-1); 453.6 Y
   -559579.123+10547.879893*T-1702.8886493*T*LN(T); 3000 N !
 TYPE_DEFINITION % SEQ *!
 TYPE_DEFINITION & GES A_P_D BCC_A2 MAGNETIC  -1.0    4.00000E-01 !
 DEFINE_SYSTEM_DEFAULT SPECIE 2 !
 DEFAULT_COMMAND DEF_SYS_ELEMENT VA /- !

 PHASE LIQUID:L %  1  1.0  !
    CONSTITUENT LIQUID:L :LI%,NA% :  !
 PARAMETER G(LIQUID,LI;0) 298.15 +GHSERLI#+2700; 3000 N REF1 !
 PARAMETER G(LIQUID,LI,NA;0) 298.15 +10684.37; 3000 N ZHANG03 !
 PARAMETER G(LIQUID,LI,NA;1) 298.15 +3896.42
     -5.4627*T; 2500 N ZHANG03 !
 PARAMETER G(LIQUID,LI,NA;2) 298.15 +1580.34; 3000 N ZHANG03 !

 PHASE BCC_A2  %&  2 1   3 !
    CONSTITUENT BCC_A2  :LI,NA : VA : !
 PARAMETER L(BCC_A2,LI,NA:VA;0) 298.15 +16000; 3000 N !
 LIST_OF_REFERENCES
 NUMBER  SOURCE
   ZHANG03 'S. Zhang, D. Shin, Z.-K. Liu, wow! Calphad 27 (2003)'
  !
)";

// A phase S of two elements, with these statements after it.
std::string solution(const std::string& statements, const std::string& phase = "PHASE S % 1 1 !\nCONST S :A,B: !") {
  return fmt::format("{}\n{}\n", phase, statements);
}

// Its parameter of order 0.
std::string order_0(const std::string& body, const std::string& more = "") {
  return solution(fmt::format("{} PARA L(S,A,B;0) {} !", more, body));
}

SystemFile read(const std::string& text, const std::string& phase = "S", const std::string& host = "A",
                const std::string& solute = "B") {
  const test::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "x.tdb";
  std::ofstream(file, std::ios::binary) << text;
  return read_tdb(file, phase, host, solute);
}

// What it is refused for, without the folder; empty when it is not.
std::string refused(const std::string& text, const std::string& phase = "S", const std::string& host = "A",
                    const std::string& solute = "B") {
  const test::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "x.tdb";
  std::ofstream(file, std::ios::binary) << text;
  try {
    read_tdb(file, phase, host, solute);
  } catch (const ConfigError& error) {
    std::string message = error.what();
    const std::string prefix = folder.path().string() + "/";
    for (auto at = message.find(prefix); at != message.npos; at = message.find(prefix))
      message.erase(at, prefix.size());
    return message;
  }
  return "";
}

double L(const SystemFile& system, std::size_t k, double T) {
  const auto entry = [&](const std::vector<double>& list) { return k < list.size() ? list[k] : 0; };
  return entry(system.L) + entry(system.L_T) * T + entry(system.L_TlnT) * T * std::log(T);
}

using Numbers = std::vector<double>;

}  // namespace

TEST_CASE("the liquid of Li and Na is read from a database as it is published") {
  const SystemFile system = read(li_na, "LIQUID", "LI", "NA");
  CHECK(system.L == Numbers{10684.37, 3896.42, 1580.34});
  CHECK(system.L_T == Numbers{0, -5.4627, 0});
  CHECK(system.L_TlnT.empty());
  CHECK(system.sites == 1);
  CHECK(system.host == "Li");
  CHECK(system.solute == "Na");
  CHECK(system.source == "phase LIQUID of x.tdb, ZHANG03");
  CHECK(system.comment ==
        "Li-Na, phase LIQUID of x.tdb, x = mole fraction of Na.\n"
        "From G(LIQUID,LI,NA;0) at line 18, G(LIQUID,LI,NA;1) at line 19, G(LIQUID,LI,NA;2) at line 21.\n"
        "They are given from 298.15 to 2500 K.\n"
        "The energies of the end members are left out: linear in x, they have no effect on the mixing.\n");
  // x = 0.25, T = 500 K, R = 8.314462618 J/(mol K): RT (x ln x + (1-x) ln(1-x)) = -2337.7573 J/mol; L_1 = 1165.07,
  // x(1-x) (10684.37 + 1165.07/2 + 1580.34/4) = 0.1875 * 11661.99 = 2186.6231 J/mol.
  const double RT = 8.314462618 * 500;
  CHECK(redlich_kister(RT, {L(system, 0, 500), L(system, 1, 500), L(system, 2, 500)}).G(0.25) ==
        Approx(-2337.7573 + 2186.6231).epsilon(1e-5));
}

TEST_CASE("a host that comes second in the alphabet turns the sign of odd orders") {
  const SystemFile system = read(li_na, "liquid", "na", "Li");
  CHECK(system.L == Numbers{10684.37, -3896.42, 1580.34});
  CHECK(system.L_T == Numbers{0, 5.4627, 0});
  CHECK(system.host == "Na");
  const SystemFile constant = read(solution("PARA L(S,A,B;0) 1 T; 3 N ! PARA L(S,A,B;1) 1 2; 3 N !"), "S", "B", "A");
  CHECK(constant.L == Numbers{0, -2});
  CHECK(constant.L_T == Numbers{1, 0});
  CHECK_FALSE(std::signbit(constant.L_T[1]));
}

TEST_CASE("vacancies on a sublattice of their own leave a plain solution") {
  const SystemFile system = read(li_na, "BCC_A2", "LI", "NA");
  CHECK(system.L == Numbers{16000});
  CHECK(system.sites == 1);
  CHECK(system.comment.find("Sublattice 2 holds VA alone.\n") != std::string::npos);
}

TEST_CASE("the system file of a database is TOML with units, sites and sources") {
  const toml::table file = toml::parse(
      read(solution("PARA L(S,A,B;1) 300 -1E-7*T+2*T*LN(T); 900 N R1!", "PHASE S % 1 2.5 !\nCONST S :A,B: !")).toml());
  CHECK(file.at_path("free_energy.model").value<std::string>() == "redlich_kister");
  CHECK(file.at_path("free_energy.sites").value<double>() == 2.5);
  CHECK(file.at_path("free_energy.L[1]").value<std::string>() == "0 J/mol");
  CHECK(file.at_path("free_energy.L_T[0]").value<std::string>() == "0 J mol-1 K-1");
  CHECK(file.at_path("free_energy.L_T[1]").value<std::string>() == "-1e-07 J mol-1 K-1");
  CHECK(file.at_path("free_energy.L_TlnT[1]").value<std::string>() == "2 J mol-1 K-1");
  CHECK(file.at_path("free_energy.L").as_array()->size() == 2);
  CHECK(file.at_path("free_energy.confidence").value<std::string>() == "assessed");
  CHECK(file.at_path("species.host").value<std::string>() == "A");
}

TEST_CASE("expressions of temperature are worked out exactly") {
  std::string many_parentheses;
  for (int i = 0; i < 40; ++i) many_parentheses += "+(1)";
  struct Example {
    std::string body;
    double a, b, c;
  };
  for (const Example& example : std::vector<Example>{
           {"298.15 1000; 6000 N", 1000, 0, 0},
           {"298.15 -1.5E3+2.5D-1*T; 6000 N", -1500, 0.25, 0},
           {"298.15 2*3+4/8-1; 6000 N", 5.5, 0, 0},
           {"298.15 -2**2+(3-1)**3*10**(-1); 6000 N", -3.2, 0, 0},
           {"298.15 +8*T*LOG(T)-2*(1-3*T*LN(T))*2; 6000 N", -4, 0, 20},
           {"298.15 T**(-1)*T*7+T**2/T+T*T**-2*5*T; 6000 N", 12, 1, 0},
           {"298.15 (1+T)**2-T**2-2*T; 6000 N", 1, 0, 0},
           {"298.15 (T*LN(T))**2/(T*LN(T))+LN(T)**0; 6000 N", 1, 0, 1},
           {"298.15 2*EXP(0)+LN(1)+ .5+5. -+1; 6000 N", 6.5, 0, 0},
           {"298.15 8/2/2*-3; 6000 N", -6, 0, 0},
           {"298.15 GA#+2*GA-GB/GA; 6000 N", 8, 0, -2},
           {"298.15 0; 6000 N", 0, 0, 0},
           {"298.15 " + many_parentheses + "; 6000 N", 40, 0, 0},
       }) {
    CAPTURE(example.body);
    const SystemFile system =
        read(order_0(example.body,
                     "FUNCTION GA 298.15 3; 6000 N !\nFUNC GB 298.15 GA+GC*3*T; 6000 N !\nFUN GC 1 "
                     "2*LN(T); 9000 N ! "));
    CHECK(system.L == Numbers{example.a});
    CHECK(system.L_T == (example.b == 0 ? Numbers{} : Numbers{example.b}));
    CHECK(system.L_TlnT == (example.c == 0 ? Numbers{} : Numbers{example.c}));
  }
}

TEST_CASE("expressions that are not a + b T + c T ln T are refused with the term or the reason") {
  const auto why = [](const std::string& expression, const std::string& more = "") {
    const std::string text = refused(order_0(fmt::format("298.15 {}; 6000 N", expression), more)),
                      where = "x.tdb:3: L(S,A,B;0): ";
    CAPTURE(expression, text);
    CHECK(text.rfind(where, 0) == 0);
    return text.substr(std::min(where.size(), text.size()));
  };
  CHECK(why("1+2*T-3*T**2") == "holds -3 T^2: expected a + b T + c T ln T");
  CHECK(why("74092*T**(-1)") == "holds 74092 T^-1: expected a + b T + c T ln T");
  CHECK(why("LN(T)") == "holds 1 ln T: expected a + b T + c T ln T");
  CHECK(why("5*T/LN(T)") == "holds 5 T (ln T)^-1: expected a + b T + c T ln T");
  CHECK(why("P*2") == "depends on the pressure P: expected temperature alone");
  CHECK(why("R*T") == "\"R\": no function of this file has this name");
  CHECK(why("GHSERLU", "FUNCTION GHSERLI 1 2; 3 N !") ==
        "\"GHSERLU\": no function of this file has this name; did you mean GHSERLI?");
  CHECK(why("EXP(-T)") == "EXP(...): has T inside");
  CHECK(why("LN(2*T)") == "LN(...): expected LN(T), or a positive number inside");
  CHECK(why("LN(-1)") == "LN(...): expected LN(T), or a positive number inside");
  CHECK(why("SIN(T)") == "\"SIN\"(...): expected LN, LOG or EXP");
  CHECK(why("T**0.5") == "an exponent that is no whole number of at most 64");
  CHECK(why("2**T") == "an exponent that is no whole number of at most 64");
  CHECK(why("T**65") == "an exponent that is no whole number of at most 64");
  CHECK(why("2**3**2") == "a ** b ** c: parentheses must say which comes first");
  CHECK(why("T**60*T**5") == "a power of T beyond 64");
  CHECK(why("1/(1+T)") == "a division by a sum in which T is");
  CHECK(why("1/0") == "a division by zero");
  CHECK(why("1E999") == "a number that a computer does not hold");
  CHECK(why("1E300*1E300") == "a number that a computer does not hold");
  CHECK(why("(1+T)*(1+LN(T))**63*(1+T)") == "more than 128 terms");
  CHECK(why("2*(3") == "an opening parenthesis without its closing one");
  CHECK(why("2)") == "\")\": expected an operator");
  CHECK(why("2 3") == "\"3\": expected an operator");
  CHECK(why("2*") == "ends where a number or a name is expected");
  CHECK(why("2*$") == "\"$\": expected a number or a name");
  CHECK(why("\t,") == "there is no expression");
  CHECK(why(std::string(100, '(')) == "more than 32 parentheses inside each other");
}

TEST_CASE("functions are refused that circle, go too deep, are missing inside another or defined in two ways") {
  const auto why = [](const std::string& functions) {
    const std::string text = refused(order_0("298.15 GA; 6000 N", functions)), where = "x.tdb:3: L(S,A,B;0): ";
    CAPTURE(text);
    CHECK(text.rfind(where, 0) == 0);
    return text.substr(std::min(where.size(), text.size()));
  };
  CHECK(why("FUNCTION GA 1 GB; 6000 N ! FUNCTION GB 1 GC; 6000 N ! FUNCTION GC 1 GB+1; 6000 N !") ==
        "the functions GB -> GC -> GB name each other in a circle");
  CHECK(why("FUNCTION GA 1 GB; 6000 N ! FUNCTION GB 1 P; 6000 N !") ==
        "function GB at line 3: depends on the pressure P: expected temperature alone");
  CHECK(why("FUNCTION GA 1 2; 6000 N ! FUNCTION GA 1 3; 6000 N !") ==
        "GA is defined at line 3 and otherwise at line 3: expected one definition");
  CHECK(read(order_0("1 GA; 6000 N", "FUNCTION GA 1 2; 6000 N ! FUNCTION GA 1 2; 6000 N !")).L == Numbers{2});
  std::string chain = "FUNCTION GA 1 G1; 6000 N !", doubling = "FUNCTION GA 1 G1; 6000 N !";
  for (int i = 1; i < 40; ++i) chain += fmt::format("FUNCTION G{} 1 G{}; 6000 N !", i, i + 1);
  for (int i = 1; i < 30; ++i) doubling += fmt::format("FUNCTION G{} 1 G{}+G{}; 6000 N !", i, i + 1, i + 1);
  CHECK(why(chain) == "more than 32 functions inside each other");
  CHECK(read(order_0("1 GA; 6000 N", doubling + "FUNCTION G30 1 1; 6000 N !")).L == Numbers{536870912});
}

TEST_CASE("an expression that changes with the temperature range is refused, one that stays is taken") {
  CHECK(read(order_0("298.15 5+T; 500 Y T+5; 1000 Y 4+T+1; 2000 N")).L == Numbers{5});
  CHECK(
      refused(order_0("298.15 5+T; 500 Y 5+T; 1000 Y 5+2*T; 2000 N")) ==
      "x.tdb:3: L(S,A,B;0): is one expression from 298.15 to 1000 K and another from 1000 to 2000 K: expected one for "
      "all temperatures");
  CHECK(
      refused(order_0("298.15 GA; 6000 N", "FUNCTION GA 200 1; 300 Y 2; 6000 N !")) ==
      "x.tdb:3: L(S,A,B;0): function GA at line 3: is one expression from 200 to 300 K and another from 300 to 6000 K: "
      "expected one for all temperatures");
}

TEST_CASE("temperature limits are those of all that is used, with the defaults of the format") {
  const auto limits = [](const std::string& body, const std::string& more = "") {
    const std::string comment = read(order_0(body, more)).comment, lead = "They are given ";
    const auto at = comment.find(lead) + lead.size();
    return comment.substr(at, comment.find('\n', at) - at - 1);
  };
  CHECK(limits("300 1; 900 N") == "from 300 to 900 K");
  CHECK(limits("300 GA; 900 N", "FUNCTION GA 400 GB; 1000 N ! FUNCTION GB 100 1; 800 N !") == "from 400 to 800 K");
  CHECK(limits("300 1; 900 N", "PARA L(S,A,B;2) 350 1; 850 N !") == "from 350 to 850 K");
  CHECK(limits(", 7*T; 900 N") == "from 298.15 to 900 K");
  CHECK(limits("7*T; , N") == "from 298.15 to 6000 K");
  CHECK(limits(", 7; 900") == "from 298.15 to 900 K");
  CHECK(refused(order_0("7; 900 N")) ==
        "x.tdb:3: L(S,A,B;0): \"7; 900 N\": expected a lower temperature and an expression");
  CHECK(limits("200 7;") == "from 200 to 6000 K");
  CHECK(limits("-7; 900 N") == "from 298.15 to 900 K");
  CHECK(refused(order_0("300 1; 200 N")) == "x.tdb:3: L(S,A,B;0): from 300 to 200 K: expected rising temperatures");
  CHECK(refused(order_0("300 1; 1E999 N")) == "x.tdb:3: L(S,A,B;0): from 300 to inf K: expected rising temperatures");
  CHECK(refused(order_0("300 1; 900 K")) == "x.tdb:3: L(S,A,B;0): \"K\": expected Y or N after the upper temperature");
  CHECK(refused(order_0("300 1; 900 +")) == "x.tdb:3: L(S,A,B;0): \"+\": expected Y or N after the upper temperature");
  CHECK(refused(order_0("300 1; 900 Y 2")) == "x.tdb:3: L(S,A,B;0): \"2\": expected a \";\" after the expression");
  CHECK(refused(order_0("300+2*T; 900 N")) ==
        "x.tdb:3: L(S,A,B;0): \"300+2*T; 900 N\": a space is missing after the lower temperature");
  CHECK(refused(order_0("300 GA; 900 N", "FUNCTION GA 1000 1; 2000 N !")) ==
        "x.tdb:3: L(S,A,B;0): there is no temperature at which all the functions it names are given");
  CHECK(refused(order_0("300 1; 400 N", "PARA L(S,A,B;1) 500 1; 600 N !")) ==
        "x.tdb: phase S: there is no temperature at which all its L are given");
}

TEST_CASE("statements are read in any case, abbreviated, over lines, with comments between") {
  const SystemFile system = read(
      "\xef\xbb\xbf$ a comment! with PHASE S\r\nphase S:L % 1\r\n 2 ! $ and another! one\r\n"
      "  $ indented ! \r\nconst S :a%,%B\r\n: !!\r\nUNKNOWN 1 2 (3; !func Fx 1 2;\r\n6000 n!\r\n"
      "par L ( S , A , B ; 0 )298.15\r\n$ inside ! \r\nFx; 6000 n ref 1 !\x1a\r\n");
  CHECK(system.L == Numbers{2});
  CHECK(system.sites == 2);
  CHECK(system.source == "phase S of x.tdb, REF 1");
  CHECK(read("PHASE S % 1 1 !\rCONST S :A,B:!\r$ old Macintosh !\rPAR L(S,A,B) 1 2; 3 N !").L == Numbers{2});
}

TEST_CASE("interaction parameters of other elements, ternaries and other phases are left alone") {
  const SystemFile system = read(solution(R"(PARA L(S,A,C;0) 1 P; 2 N !
      PARA L(S,A,B,C;0) 1 P; 2 N ! PARA L(S,A,B;0) 1 5; 2 N ! PARA L(Q,A,B;0) 1 6; 2 N ! PARA G(S,A;0) 1 P; 2 N !
      PARA G(S,*;0) 1 P; 2 N !)",
                                          "PHASE S % 1 1 ! PHASE Q % 1 1 !\nCONST S :A,B,C: !"));
  CHECK(system.L == Numbers{5});
}

TEST_CASE("a parameter that could mean two things is refused") {
  const auto why = [](const std::string& statements, const std::string& phase = "PHASE S % 1 1 !\nCONST S :A,B: !") {
    return refused(solution(statements, phase));
  };
  const std::string good = "PARA L(S,A,B;0) 1 2; 3 N !\n";
  CHECK(why(good + "PARA G(S,B,A;0) 1 2; 3 N !") ==
        "x.tdb:4: G(S,B,A;0): is given at line 3 already: expected it once");
  CHECK(why("PARA L(S,B,A;1) 1 2; 3 N !") ==
        "x.tdb:3: L(S,B,A;1): an odd order, with its elements not in alphabetical order, may mean either sign: "
        "expected A,B");
  CHECK(read(solution("PARA L(S,B,A;2) 1 2; 3 N !")).L == Numbers{0, 0, 2});
  CHECK(why("PARA L(S,A,B;X) 1 2; 3 N !") == "x.tdb:3: L(S,A,B;X): order \"X\": expected a digit");
  CHECK(why("PARA L(S,A,B;10) 1 2; 3 N !") == "x.tdb:3: L(S,A,B;10): order \"10\": expected a digit");
  CHECK(why("PARA L(S,A,*;0) 1 2; 3 N !") == "x.tdb:3: L(S,A,*;0): expected A and B on sublattice 1");
  CHECK(why("PARA L(S,A,A;0) 1 2; 3 N !") == "x.tdb:3: L(S,A,A;0): expected A and B on sublattice 1");
  CHECK(why("PARA L(S,A,B:A;0) 1 2; 3 N !") == "x.tdb:3: L(S,A,B:A;0): names 2 sublattices: expected 1");
  const std::string bcc = "PHASE BCC % 2 1 3 ! PHASE S % 2 1 3 !\nCONST S :A,B:VA,C: !";
  CHECK(why("PARA L(S,A,B;0) 1 2; 3 N !", bcc) == "x.tdb:3: L(S,A,B;0): names 1 sublattices: expected 2");
  CHECK(why("PARA L(S,A,B:*;0) 1 2; 3 N !", bcc) == "x.tdb:3: L(S,A,B:*;0): expected VA alone on sublattice 2");
  CHECK(why("PARA L(S,VA:A,B;0) 1 2; 3 N !", bcc) == "x.tdb:3: L(S,VA:A,B;0): expected VA alone on sublattice 2");
  const std::string long_name = "PHASE S_1 % 1 1 !\nCONST S_1 :A,B: !\n";
  CHECK(refused(long_name + "PARA L(S,A,B;0) 1 2; 3 N !", "S_1") ==
        "x.tdb:3: L(S,A,B;0): an abbreviated phase: expected S_1 in full");
  CHECK(read(long_name + "PHASE S % 1 1 ! PARA L(S,A,B;0) 1 2; 3 N ! PARA L(S_1,A,B;0) 1 4; 5 N !", "S_1").L ==
        Numbers{4});
  CHECK(why(good + "PARAMTER L(S,A,B;1) 1 2; 3 N !") ==
        "x.tdb:4: \"PARAMTER\": unknown statement; did you mean PARAMETER?");
  std::string repeated;
  for (int i = 0; i < 100; ++i) repeated += good;
  const std::string faults = why(repeated);
  CHECK(std::count(faults.begin(), faults.end(), '\n') == 23);
  CHECK(why("PARA L(S,A,B;0) 1 P; 3 N !\nPARA L(S,A,B;1) 1 T*T; 3 N !") ==
        "x.tdb:3: L(S,A,B;0): depends on the pressure P: expected temperature alone\n"
        "x.tdb:4: L(S,A,B;1): holds 1 T^2: expected a + b T + c T ln T");
}

TEST_CASE("sublattices are taken where one alone mixes") {
  const std::string parameter = "\nPARA L(S,A,B:VA;0) 1 2; 3 N !";
  const auto why = [&](const std::string& phase) { return refused(phase + parameter); };
  CHECK(read("PHASE S % 2 1.5 3 !\nCONST S :A,B,C:N,VA: !" + parameter).sites == 1.5);
  const SystemFile second = read("PHASE S % 2 2 0.5 !\nCONST S :C:B,A: ! PARA L(S,C:A,B;1) 1 2; 3 N !", "S", "B", "A");
  CHECK(second.sites == 0.5);
  CHECK(second.L == Numbers{0, -2});
  CHECK(second.comment.find("Sublattice 1 holds C alone.\n") != std::string::npos);
  CHECK(why("PHASE S % 2 1 3 !\nCONST S :A,B:A,VA: !") ==
        "x.tdb:1: phase S: sublattice 2 can hold A, VA: expected one constituent, neither of the two");
  CHECK(why("PHASE S % 2 1 3 !\nCONST S :A,B:B: !") ==
        "x.tdb:1: phase S: sublattice 2 can hold B: expected one constituent, neither of the two");
  CHECK(why("PHASE S % 2 1 3 !\nCONST S :A,B:C,D: !") ==
        "x.tdb:1: phase S: sublattice 2 can hold C, D: expected one constituent, neither of the two");
  CHECK(why("PHASE S % 2 1 3 !\nCONST S :A,B:C: ! ADD_CONSTITUENT S :A:C,A: !") ==
        "x.tdb:1: phase S: sublattice 2 can hold A: expected one constituent, neither of the two");
  CHECK(why("PHASE S % 1 1 !\nCONST S :A,B,VA: !") ==
        "x.tdb:1: phase S: sublattice 1 can hold VA beside A and B: expected the two alone");
  CHECK(why("SPECIES A2B A2B1 !PHASE S % 1 1 !\nCONST S :A,B,A2B: !") ==
        "x.tdb:1: phase S: sublattice 1 can hold A2B beside A and B: expected the two alone");
  CHECK(why("PHASE S % 1 1 !\nCONST S :A,B,B3A: !") ==
        "x.tdb:1: phase S: sublattice 1 can hold B3A beside A and B: expected the two alone");
  CHECK(read("ELEMENT AB X 0 0 0 ! SPECIES A2C A2C1 ! PHASE S % 1 1 !\nCONST S :A,B,A2C,AB: ! PARA L(S,A,B) 1 2; 3 N !")
            .L == Numbers{2});
  CHECK(why("PHASE S % 2 1 3 !\nCONST S :A,C:B,C,VA: !") ==
        "x.tdb:1: phase S: A and B are not on one sublattice: it has A, C : B, C, VA");
  CHECK(why("PHASE S % 1 1 !") == "x.tdb:1: phase S: has no CONSTITUENT statement");
  CHECK(why("PHASE S % 1 1 !\nCONST S :A,B: !\nCONST S :A,B: !") ==
        "x.tdb:3: phase S: its constituents are at line 2 already: expected one CONSTITUENT statement");
  CHECK(why("PHASE S % 1 1 !\nPHASE S % 1 1 !") ==
        "x.tdb:2: phase S: is defined at line 1 already: expected one PHASE statement");
  for (const char* constituents : {"A,B", ":A,B:VA:", ":A,,B::", "", ":"})
    CHECK(why(fmt::format("PHASE S % 1 1 !\nCONST S {} !", constituents)) ==
          fmt::format("x.tdb:2: phase S: \"{}\": expected \":constituents :\" for 1 sublattice", constituents));
  for (const char* sites : {"% 2 1", "% 1 0", "% 1 -1", "% 1 X", "% 1 1E999", "% 1 1X", "1 1", ""})
    CHECK(
        why(fmt::format("PHASE S {} !\nCONST S :A,B: !", sites)) ==
        fmt::format(
            "x.tdb:1: phase S: \"{}\": expected type codes, the number of sublattices, and the sites of each, above 0",
            sites));
}

TEST_CASE("a phase whose energy holds more than a Redlich-Kister sum is refused") {
  const std::string good = "PARA L(S,A,B;0) 1 2; 3 N !\n";
  const auto with_parameter = [&](const std::string& parameter) { return refused(solution(good + parameter)); };
  for (const char* name : {"TC(S,A;0)", "BMAGN(S,A,B;0)", "BM(S,B;0)", "TC(S,*;0)"})
    CHECK(with_parameter(fmt::format("PARA {} 1 -0.1; 2 N !", name)) ==
          fmt::format("x.tdb:4: {}: a magnetic contribution to the energy, which is no Redlich-Kister sum: expected 0",
                      name));
  CHECK(with_parameter("PARA TC(S,A;0) 1 P; 2 N !") ==
        "x.tdb:4: TC(S,A;0): depends on the pressure P: expected temperature alone");
  CHECK(with_parameter("PARA LNTH(S,A;0) 1 5; 2 N !") ==
        "x.tdb:4: LNTH(S,A;0): spinode does not know whether \"LNTH\" is part of the energy: expected G or L");
  CHECK(with_parameter("PARA TC(S,A;0) 1 0; 2 N ! PARA TC(S,C;0) 1 1043; 2 N ! PARA TC(Q,A;0) 1 1043; 2 N !") == "");
  const SystemFile ignored = read(solution(
      good +
      "PARA MQ(S&A,A;0) 1 P; 2 N ! PARA V0(S,B;0) 1 3; 2 N ! PARA MQ(S&A,B;0) 1 2; 2 N ! PARA DF(S,C;0) 1 1; 2 N !"));
  CHECK(ignored.comment.find("No part of the energy and ignored: MQ, V0.\n") != std::string::npos);
  CHECK(read(solution(good)).comment.find("ignored") == std::string::npos);

  const auto with_type = [&](const std::string& type) {
    return refused(
        solution(good, fmt::format("TYPE_DEF & {} !\nPHASE S %& 1 1 ! PHASE S_ORD % 1 1 !\nCONST S :A,B: !", type)));
  };
  for (const char* harmless :
       {"GES A_P_D S MAGNETIC -1 0.4", "SEQ *", "GES AMEND_PHASE_DESCRIPTION S C_S,,A", "GES A_P_D S MAJOR A",
        "GES A_P_D S EXCESS REDLICH_KISTER", "GES A_P_D S_ORD DIS_PART S,,,"})
    CHECK(with_type(harmless) == "");
  CHECK(with_type("GES A_P_D S DIS_PART Q,,,") ==
        "x.tdb:1: phase S: has a disordered part, \"& GES A_P_D S DIS_PART Q,,,\": expected a phase without order");
  CHECK(with_type("IF (A) THEN GES AM-PH-DE S DISORD_PART Q") ==
        "x.tdb:1: phase S: has a disordered part, \"& IF (A) THEN GES AM-PH-DE S DISORD_PART Q\": expected a phase "
        "without order");
  CHECK(with_type("GES A_P_D @ DIS_PART Q").find("has a disordered part") != std::string::npos);
  CHECK(with_type("GES A_P_D S EXCESS LEGENDRE") ==
        "x.tdb:1: phase S: \"& GES A_P_D S EXCESS LEGENDRE\": spinode does not know what this makes of its energy");
  CHECK(with_type("SOMETHING").find("spinode does not know what this makes") != std::string::npos);
  CHECK(with_type("SEQ other.tdb") ==
        "x.tdb:1: phase S: its parameters are in another file, \"OTHER.TDB\": expected them in this one");
  CHECK(refused(solution(good, "TYPE_DEF & SOMETHING ! PHASE S % 1 1 !\nCONST S :A,B: !")) == "");
  CHECK(refused(solution(good, "TYPE_DEF & GES A_P_D S NEVER DIS ! PHASE S % 1 1 !\nCONST S :A,B: !")) ==
        "x.tdb:1: phase S: \"& GES A_P_D S NEVER DIS\": spinode does not know what this makes of its energy");
  for (const char* kind : {"Y", "F", "B", "G"})
    CHECK(refused(solution(good, fmt::format("PHASE S:{} % 1 1 !\nCONST S :A,B: !", kind))) ==
          fmt::format("x.tdb:1: phase S: is of the kind :{}: expected a plain solution, no kind or :L", kind));
}

TEST_CASE("what is not in the file is answered with what is") {
  CHECK(refused(li_na, "BCC_B2", "LI", "NA") == "x.tdb: phase \"BCC_B2\": expected one of BCC_A2, LIQUID");
  CHECK(refused(li_na, "LIQ", "LI", "NA") == "x.tdb: phase \"LIQ\": expected one of LIQUID, BCC_A2");
  CHECK(refused(li_na, "LIQUID", "LI", "K") ==
        "x.tdb:15: phase LIQUID: LI and K are not on one sublattice: it has LI, NA");
  const std::string text =
      solution("PARA L(Q,A,B;0) 1 2; 3 N !\nPARA L(S,A,C;0) 1 2; 3 N !\nPARA L(S,A,C;1) 1 2; 3 N !",
               "PHASE S % 1 1 !\nCONST S :A,B,C: !");
  CHECK(refused(text) == "x.tdb: phase S: no interaction parameter of A and B; this file has S A-C, Q A-B");
  CHECK(refused(solution("")) == "x.tdb: phase S: no interaction parameter of A and B; this file has none at all");
  std::string many;
  for (int i = 0; i < 30; ++i) many += fmt::format("PHASE P{} % 1 1 !\n", i);
  CHECK(refused(many, "P29X").find("expected one of P29, P2, ") != std::string::npos);
  CHECK(refused(many).find(" and 6 more") != std::string::npos);
}

TEST_CASE("a file that is no database, or broken off, says so") {
  CHECK(refused("") == "x.tdb: no PHASE statement: expected a Thermo-Calc database");
  CHECK(refused("! ! !") == "x.tdb: no PHASE statement: expected a Thermo-Calc database");
  CHECK(refused("PHASE S % 1 1 !\n\nCONST S :A,B:\n") ==
        "x.tdb:3: \"CONST S :A,B:\": a statement without the ! that ends it");
  CHECK(refused(std::string("\x7f"
                            "ELF\0\1\xff\xfe",
                            8)) == "x.tdb:1: \"?ELF  ??\": a statement without the ! that ends it");
  CHECK(refused(std::string(1 << 20, '(')).find("a statement without the ! that ends it") != std::string::npos);
  CHECK(refused("PARA L S,A,B;0 1 2; 3 N !") ==
        "x.tdb:1: \"L S,A,B;0 1 2; 3 N\": expected a parameter such as L(LIQUID,LI,NA;0)");
  CHECK(refused("PARA L(S,A,B;0 1 2; 3 N !") ==
        "x.tdb:1: \"L(S,A,B;0 1 2; 3 N\": expected a parameter such as L(LIQUID,LI,NA;0)");
  for (const char* word : {"PARA L(S,A,B;0) 1", "FUNCTION X", "CONST S"})
    CHECK(refused(solution(fmt::format("{} {} !", word, std::string(20000, '('))))
              .find("longer than 20000 characters: is a ! missing?") != std::string::npos);
  CHECK(refused("PARA !") == "x.tdb:1: \"\": expected a parameter such as L(LIQUID,LI,NA;0)");
  CHECK(refused(solution("PARA L(S,A,B;0) 1 2; 3 N\nPARA L(S,A,B;1) 1 2; 3 N !")) ==
        "x.tdb:3: the statement that begins here holds \"PARA L(S,A,B;1) 1 2; 3 N\": is a ! missing before it?");
  CHECK(refused(solution("FUNCTION G 1 2; 3 N PAR L(S,A,B;1) 1 2; 3 N !")).find("is a ! missing before it?") !=
        std::string::npos);
  CHECK(refused(solution("ELEMENT X 0\nTYPE_DEF & GES A_P_D S DIS_PART Q !")).find("is a ! missing before it?") !=
        std::string::npos);
  CHECK(read(solution("REFERENCES the parameter L(S,A,B;0) of S! PARA L(S,A,B;0) 1 2; 3 N !")).L == Numbers{2});
  CHECK_THROWS_AS(read_tdb("/nowhere/x.tdb", "S", "A", "B"), IoError);
  CHECK_THROWS_AS(read_tdb("/dev/zero", "S", "A", "B"), IoError);
  CHECK_THROWS_AS(read_tdb("/tmp", "S", "A", "B"), IoError);
}

TEST_CASE("any cut or garbled database ends in an answer") {
  unsigned seed = 1;
  const auto random = [&] { return (seed = seed * 1664525u + 1013904223u) >> 8; };
  const std::string symbols = "!$();:,*+-/# \n%TEYN9.\"'\0\xff";
  int answers = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string text = li_na;
    if (i % 3 == 0) text.resize(random() % text.size());
    for (unsigned edits = random() % 5; edits > 0; --edits)
      text.insert(random() % (text.size() + 1), 1, symbols[random() % symbols.size()]);
    try {
      answers += !read(text, "LIQUID", "LI", "NA").L.empty();
    } catch (const ConfigError& error) {
      answers += std::string(error.what()).size() < 2000;
    }
  }
  CHECK(answers == 3000);
}
