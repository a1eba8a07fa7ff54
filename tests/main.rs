//! Every test that looks at the program from outside, in one binary so that it links once.

mod architecture;
