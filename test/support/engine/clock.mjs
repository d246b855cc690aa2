// Loaded before a program (--import): its clock runs from TEST_CLOCK_MS on, which is how far it is moved.
const movedMs = Number(process.env.TEST_CLOCK_MS);
const RealDate = Date;

globalThis.Date = class Date extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + movedMs);
    else super(...args);
  }

  static now() {
    return RealDate.now() + movedMs;
  }
};
